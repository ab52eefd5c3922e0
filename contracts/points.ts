/** Points at which a kill test stops a worker process; each lies between two steps whose order the protocols fix. */
export const pointNames = [
  'beforeIntent',
  'afterIntent',
  'beforeSend',
  'afterCall',
  'afterReceipt',
  'afterLane',
  'beforeFreeze',
  'afterFreeze',
  'afterSeal',
  'duringSwitch',
  'afterRaise',
  'duringUndo',
  'beforeThaw',
] as const;
export type PointName = (typeof pointNames)[number];
