import { Channel, invoke } from '@tauri-apps/api/core';
import type { DeskEvent } from '$generated/bindings';
import { toProblem, type Host } from './host';

async function ask<T>(command: string, args: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (thrown) {
    throw toProblem(thrown);
  }
}

/** For what nobody waits for: its failure changes nothing for the user. */
function tell(command: string, args: Record<string, unknown>): void {
  invoke(command, args).catch((thrown: unknown) => console.warn(command, thrown));
}

/** The window of the desktop program. */
export const tauri: Host = {
  kind: 'tauri',
  call: (name, args) => ask('call', { name, args }),
  subscribe(hear) {
    let listening = true;
    const channel = new Channel<DeskEvent>();
    channel.onmessage = (event) => {
      if (listening) hear(event);
    };
    tell('subscribe', { channel });
    return () => {
      listening = false;
    };
  },
  pickFolder: (title) => ask('pick_folder', { title }),
  pickFile: (title, endings) => ask('pick_file', { title, endings }),
  saveFile: (file) => ask('save_file', { file }),
  notify: (title, body) => tell('notify', { title, body }),
  setTheme: (theme) => tell('set_theme', { theme }),
};
