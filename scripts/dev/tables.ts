/** Tables as a system itself tells them: rows by the name of the table. */
export type Tables = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
