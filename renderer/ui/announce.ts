import { create } from 'zustand';

/** The last thing said to people who listen to the screen. */
export const useAnnouncement = create<{ readonly text: string }>(() => ({ text: '' }));

/** Say something politely: it is read when the reader has finished what it is reading. */
export function announce(text: string): void {
  useAnnouncement.setState({ text });
}
