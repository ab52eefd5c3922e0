import { startStack } from '../../../scripts/dev/stack.ts';
import { smallLog } from '../in-memory.ts';
import { serve } from '../serve.ts';

await serve(async () => {
  const stack = await startStack({ keepsData: false, settings: smallLog });
  const { folder, postgres, temporal } = stack;
  return {
    news: { folder, postgres: String(postgres.port), temporal: temporal.address, ui: temporal.ui ?? '' },
    stop: () => stack.stop(),
  };
});
