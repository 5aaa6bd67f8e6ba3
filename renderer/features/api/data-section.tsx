import { findBridge } from '../../api/bridge.ts';
import { useSystem } from '../../api/queries.ts';
import { formatFixed } from '../../ui/format.ts';
import { SettingRow } from './setting-row.tsx';

/** Where everything lies, and what leaves the machine: nothing. */
export function DataSection() {
  const system = useSystem().data;
  const bridge = findBridge();
  return (
    <>
      {system?.folders.map(({ name, path, bytes, note }) => (
        <SettingRow key={name} name={name} note={note}>
          <span className="mono selectable setting-path">{path}</span>
          <span className="number">{bytes === undefined ? '' : `${formatFixed(bytes / 1e6, 1)} MB`}</span>
          {bridge !== undefined && (
            <button
              type="button"
              className="button button-outline"
              onClick={() => void bridge.revealInFolder(path)}
            >
              Show
            </button>
          )}
        </SettingRow>
      ))}
      <SettingRow
        name="Another workspace"
        note="A workspace is chosen when AstrID is started: --workspace FOLDER, or ASTRID_WORKSPACE."
      >
        <code className="mono">npm start -- --workspace FOLDER</code>
      </SettingRow>
      <SettingRow
        name="Other services"
        note="Each only when somebody asks for it, and what is shared with others only where Sync is connected."
      >
        <span>
          Moving objects over an image: its place, size and time go to SkyBoT of the IMCCE. Stars of a place
          (“astrid catalog fetch”): the place goes to VizieR or the Gaia archive.
        </span>
      </SettingRow>
      <SettingRow name="Telemetry">
        <span>There is none. Nothing about you, your data or your use of AstrID is sent anywhere.</span>
      </SettingRow>
    </>
  );
}
