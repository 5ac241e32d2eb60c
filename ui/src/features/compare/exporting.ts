import { host, toProblem } from '$host';
import { toasts } from '$states';
import type { ExportedFile } from '$generated/bindings';
import { fileName } from './sides';
import { messages } from './messages';

/** Saves what `make` gives where the user says, and tells how it went. */
export async function save(make: () => ExportedFile | Promise<ExportedFile>): Promise<void> {
  try {
    const where = await host().saveFile(await make());
    if (where !== null) toasts.show({ kind: 'ok', text: messages.exported.done(fileName(where)) });
  } catch (thrown) {
    toasts.problem(toProblem(thrown));
  }
}
