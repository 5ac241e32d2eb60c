import type { Component } from 'svelte';

/** An icon of @lucide/svelte, imported by its own path. */
export type IconLike = Component<{
  size?: number | string;
  strokeWidth?: number | string;
  'aria-hidden'?: 'true';
}>;

export type Tone = 'neutral' | 'accent' | 'better' | 'worse' | 'warn' | 'danger';

export interface Option {
  value: string;
  label: string;
  hint?: string;
  disabled?: boolean;
}

export interface MenuItem {
  label: string;
  run: () => void;
  disabled?: boolean;
  icon?: IconLike;
  danger?: boolean;
  /** Why it is disabled, or a few words more. */
  hint?: string;
  /** Begins a new group. */
  separated?: boolean;
}

export interface TabItem {
  id: string;
  label: string;
  count?: number | null;
  /** Draws the eye: something is worse or broken there; the words are read out. */
  alert?: string;
}

/** What a failure tells: the shape of the backend's problems. */
export interface ProblemLike {
  code: string;
  summary: string;
  detail: string;
  hint: string;
  /** What a window can offer against it; whoever provides remedies reads it. */
  remedy?: object | null;
  retryable: boolean;
  location?: { file: string; line?: number | null; column?: number | null } | null;
}

export interface Column {
  id: string;
  title: string;
  /** A CSS grid track: `6rem`, `minmax(12rem, 1fr)`. */
  width: string;
  align?: 'start' | 'end';
  sortable?: boolean;
  /** Read out and shown on hover where the title is short. */
  hint?: string;
}

export interface Sort {
  column: string;
  descending: boolean;
}
