import { useMemo } from 'react';
import { formatFixed, formatPixel, NOT_KNOWN } from '../../ui/format.ts';
import {
  type AperturePhotometry,
  measureAperture,
  measureGrowth,
  measureProfile,
  type Point,
  profileAt,
  type RadialProfile,
} from '../../viewer/index.ts';
import { Facts } from './facts.tsx';
import { formatMeasured } from './format-measured.ts';
import { formatAngle, formatSky } from './image-frame.ts';
import { NumberField } from './number-field.tsx';
import { magnitudeOf, magnitudeScaleOf, type PanelContext } from './panel-context.ts';
import { linePath, Plot, rangeOf } from './plot.tsx';
import { describePixel } from './region-document.ts';
import { useTools } from './tools-view.ts';
import { describeWaiting, usePixels } from './use-pixels.ts';

/** Aperture photometry and the radial profile of the source that was clicked. */
export function SourcePanel(context: PanelContext) {
  const { source, unit } = context;
  const spot = useTools((tools) => tools.spot);
  const radii = useTools((tools) => tools.radii);
  const reach = radii.skyOuter + 2;
  const wanted = useMemo(() => spot && { spot, radii }, [spot, radii]);
  const state = usePixels(
    source,
    spot && { left: spot.x - reach, right: spot.x + reach, bottom: spot.y - reach, top: spot.y + reach },
    wanted,
  );
  const { box, of } = state.kind === 'ready' ? state : {};
  const measured = useMemo(() => {
    if (box === undefined || of === undefined) return undefined;
    const { spot, radii } = of;
    const profile = measureProfile(box, spot, Math.max(5, radii.skyInner));
    const photometry = measureAperture(box, spot, radii, /^e-$|^electrons?$/i.test(unit));
    return { profile, photometry, growth: measureGrowth(box, spot, radii) };
  }, [box, of, unit]);
  const waiting = describeWaiting(state, 'Click a source: its flux, profile and growth stand here.');
  return (
    <div className="tool-panel source-panel">
      <ApertureFields />
      {measured === undefined || of === undefined || spot === undefined ? (
        <p className="tool-waiting dim">{waiting}</p>
      ) : (
        <>
          <ProfilePlot profile={measured.profile} unit={unit} />
          <GrowthPlot growth={measured.growth} radius={of.radii.radius} unit={unit} />
          <SourceFacts {...measured} spot={of.spot} context={context} />
        </>
      )}
    </div>
  );
}

function ApertureFields() {
  const radii = useTools((tools) => tools.radii);
  const set = (change: Partial<typeof radii>): void =>
    useTools.setState((tools) => ({ radii: { ...tools.radii, ...change } }));
  return (
    <div className="tool-fields">
      <NumberField
        name="aperture"
        unit="px"
        min={0.3}
        max={500}
        value={radii.radius}
        onChange={(radius) => set({ radius })}
      />
      <NumberField
        name="sky from"
        unit="px"
        min={0.5}
        max={1000}
        value={radii.skyInner}
        onChange={(skyInner) => set({ skyInner, skyOuter: Math.max(radii.skyOuter, skyInner + 1) })}
      />
      <NumberField
        name="sky to"
        unit="px"
        min={1}
        max={1000}
        value={radii.skyOuter}
        onChange={(skyOuter) => set({ skyOuter, skyInner: Math.min(radii.skyInner, skyOuter - 0.5) })}
      />
    </div>
  );
}

function ProfilePlot({ profile, unit }: { readonly profile: RadialProfile; readonly unit: string }) {
  const { distances, values, fit } = profile;
  const farthest = distances.reduce((far, r) => Math.max(far, r), 1);
  const steps = Array.from({ length: 101 }, (_, i) => (farthest * i) / 100);
  return (
    <Plot
      label={`Radial profile${fit === undefined ? '' : `, full width at half maximum ${fit.fwhmPx.toFixed(2)} pixels`}`}
      x={{ lo: 0, hi: farthest }}
      y={rangeOf(values)}
      xName="radius, px"
      yName={unit}
    >
      {(scale) => (
        <>
          {Array.from(distances, (r, i) => (
            <circle
              // biome-ignore lint/suspicious/noArrayIndexKey: pixels have no other name
              key={i}
              className="tool-plot-point"
              cx={scale.x(r)}
              cy={scale.y(values[i]!)}
              r="1.2"
            />
          ))}
          {fit !== undefined && (
            <>
              <path
                className="tool-plot-line"
                d={linePath(
                  steps,
                  steps.map((r) => profileAt(fit, r)),
                  scale,
                )}
              />
              <path className="tool-plot-mark" d={`M${scale.x(fit.fwhmPx / 2)} 0V200`} />
            </>
          )}
        </>
      )}
    </Plot>
  );
}

function GrowthPlot({
  growth,
  radius,
  unit,
}: {
  readonly growth: readonly { readonly radius: number; readonly flux: number }[];
  readonly radius: number;
  readonly unit: string;
}) {
  const rs = [0, ...growth.map((step) => step.radius)];
  const fluxes = [0, ...growth.map((step) => step.flux)];
  return (
    <Plot
      label="Growth of the flux with the radius"
      x={{ lo: 0, hi: rs.at(-1)! }}
      y={rangeOf(fluxes)}
      xName="aperture, px"
      yName={unit === '' ? 'flux' : `flux, ${unit}`}
    >
      {(scale) => (
        <>
          <path className="tool-plot-line" d={linePath(rs, fluxes, scale)} />
          <path className="tool-plot-mark" d={`M${scale.x(radius)} 0V200`} />
        </>
      )}
    </Plot>
  );
}

function SourceFacts({
  profile,
  photometry,
  spot,
  context,
}: {
  readonly profile: RadialProfile;
  readonly photometry: AperturePhotometry;
  readonly spot: Point;
  readonly context: PanelContext;
}) {
  const notation = useTools((tools) => tools.notation);
  const { unit, frame, origin, kind } = context;
  const scale = frame.pixelScaleArcsec;
  const { fit } = profile;
  const place = frame.sky?.toSky(spot.x, spot.y);
  const magnitudes = magnitudeScaleOf(origin, kind);
  const magnitude = magnitudes && magnitudeOf(photometry.flux, photometry.fluxErr, magnitudes);
  const fwhm =
    fit === undefined
      ? NOT_KNOWN
      : `${fit.fwhmPx.toFixed(2)} px${scale === undefined ? '' : `  ${formatAngle(fit.fwhmPx * scale)}`}`;
  return (
    <Facts
      facts={[
        ['flux', `${formatMeasured(photometry.flux, photometry.fluxErr)} ${unit}`],
        [
          'magnitude',
          magnitude === undefined
            ? magnitudes === undefined
              ? 'no zeropoint'
              : NOT_KNOWN
            : `${magnitude.mag.toFixed(3)} ± ${magnitude.magErr.toFixed(3)}`,
        ],
        [
          'sky',
          `${formatPixel(photometry.sky)} ± ${formatPixel(photometry.skySigma)}  of ${photometry.skyCount} px`,
        ],
        ['FWHM', fwhm],
        [
          'peak',
          `${formatPixel(photometry.peak)}${photometry.missing > 0 ? `  ${photometry.missing} px missing` : ''}`,
        ],
        ['Moffat β', fit === undefined ? NOT_KNOWN : formatFixed(fit.beta, 2)],
        ['x, y', describePixel(spot)],
        ['place', place && scale !== undefined ? formatSky(place, scale, notation) : 'no sky coordinates'],
      ]}
    />
  );
}
