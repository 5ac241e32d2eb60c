const PREFIX = 'keelmark.';

/** A value of this window that survives a reload. `initial` also says its shape: anything else stored is ignored. */
export function persisted<T>(key: string, initial: T): { value: T } {
  let value = $state.raw<T>(stored(key, initial));
  return {
    get value() {
      return value;
    },
    set value(next: T) {
      value = next;
      try {
        localStorage.setItem(PREFIX + key, JSON.stringify(next));
      } catch {
        // A full or forbidden storage costs only the memory of a choice.
      }
    },
  };
}

function stored<T>(key: string, initial: T): T {
  try {
    const text = localStorage.getItem(PREFIX + key);
    if (text === null) return initial;
    const found: unknown = JSON.parse(text);
    const alike =
      initial === null ||
      (typeof found === typeof initial && Array.isArray(found) === Array.isArray(initial));
    return alike ? (found as T) : initial;
  } catch {
    return initial;
  }
}
