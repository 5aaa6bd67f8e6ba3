import { describeFailure } from '../../api/client.ts';
import { useSamp, useSwitchSamp } from '../../api/samp.ts';
import { Choice } from '../../ui/choice.tsx';
import { StateMark } from '../../ui/marks.tsx';
import { SettingRow } from './setting-row.tsx';

/** Whether other programs on this machine are spoken to, and which are there. */
export function SampSection() {
  const { data, error } = useSamp();
  const change = useSwitchSamp();
  const failure = error ?? change.error;
  return (
    <>
      <SettingRow
        name="SAMP"
        note="Exchanges images, tables and places with TOPCAT, DS9, Aladin and others on this machine. Off until you switch it on; nothing leaves this machine."
      >
        <Choice
          name="SAMP"
          values={[
            { value: 'off', label: 'off' },
            { value: 'on', label: 'on' },
          ]}
          value={data?.isOn ? 'on' : 'off'}
          onChoose={(to) => change.mutate(to === 'on')}
        />
      </SettingRow>
      {failure !== null && <p role="alert">{describeFailure(failure).message}</p>}
      {data?.isOn && (
        <SettingRow name="Hub" note={data.message}>
          <StateMark state={data.link === 'connected' ? 'done' : 'pending'} />{' '}
          {data.link === 'connected' ? 'connected' : 'not connected'}
        </SettingRow>
      )}
      {data?.peers.map(({ id, name, takesImages, takesTables, takesPlaces }) => (
        <SettingRow
          key={id}
          name={name}
          note={`takes ${[takesImages && 'images', takesTables && 'tables', takesPlaces && 'places']
            .filter(Boolean)
            .join(', ')}`}
        >
          <span className="mono dim">{id}</span>
        </SettingRow>
      ))}
      {data?.link === 'connected' && data.peers.length === 0 && (
        <p className="dim">The hub is there, but no other program that takes anything.</p>
      )}
    </>
  );
}
