import { useEffect, useState } from 'react';
import { findBridge } from '../api/bridge.ts';
import { keepDroppedFile } from '../api/dropped-file.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Form, TextField } from '../ui/form.tsx';
import type { Action } from '../ui/keys/dispatcher.ts';
import { goTo } from './navigation.ts';

/** Look at a FITS file: its images fill the panes of the field. */
function look(path: string): void {
  goTo({ screen: 'field', imagePath: path });
}

/**
 * Make the action that opens a FITS image, and what it needs on the screen.
 *
 * Electron asks with the system's own dialog; a browser may not look at the disk of the core, so a path is typed.
 */
export function useOpenImage(): { readonly action: Action; readonly isAsking: boolean; close(): void } {
  const [isAsking, setIsAsking] = useState(false);
  const bridge = findBridge();
  const action: Action = {
    id: 'shell.open-image',
    title: 'Open a FITS image to look at it',
    keys: ['Ctrl+O'],
    run: () => {
      if (bridge === undefined) setIsAsking(true);
      else void bridge.openImage().then((path) => path && look(path));
    },
  };
  return { action, isAsking, close: () => setIsAsking(false) };
}

/** Look at a FITS file that is dropped on the window. */
export function useDroppedImage(): void {
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    window.addEventListener(
      'dragover',
      (event) => {
        if (!hasFiles(event)) return;
        // Without this the browser would leave the program for the file.
        event.preventDefault();
        event.dataTransfer!.dropEffect = 'copy';
      },
      { signal },
    );
    window.addEventListener(
      'drop',
      (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        const file = event.dataTransfer?.files[0];
        if (file === undefined) return;
        const path = findBridge()?.pathOfDroppedFile(file);
        // A browser gives no path: the bytes are read in the window.
        look(path || keepDroppedFile(file));
      },
      { signal },
    );
    return () => abort.abort();
  }, []);
}

/** Asks for the path of a file on the machine where the core runs. */
export function ImageForm({ onClose }: { readonly onClose: () => void }) {
  const [path, setPath] = useState('');
  const open: Action = {
    id: 'open-image.look',
    title: 'Look at it',
    keys: ['Ctrl+Enter'],
    isEnabled: path.trim() !== '',
    run: () => {
      onClose();
      look(path.trim());
    },
  };
  return (
    <Dialog title="Open a FITS image" actions={[open]} onClose={onClose}>
      <Form act={open}>
        <TextField
          name="FITS file"
          isFirst
          placeholder="/data/night/image.fits"
          value={path}
          onText={setPath}
        />
        <p className="pair-note dim">
          A path on the machine where AstrID runs; FITS, .fz and .gz. The file is read where it lies, never
          copied or changed, and nothing is ingested.
        </p>
      </Form>
    </Dialog>
  );
}
