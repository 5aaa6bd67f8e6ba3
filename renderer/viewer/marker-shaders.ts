/** Half the side of the square that a marker is drawn in, CSS pixels; a plain one needs less, and 100 000 of them much less. */
export const MARKER_REACH = 22;
const PLAIN_REACH = 14;

/** Places a square around each marker; `a_look` is shape, tone and whether it is selected. */
export const MARKER_VERTEX_SHADER = `#version 300 es
precision highp float;
precision highp int;

uniform vec2 u_paneSize;
uniform vec2 u_camera;
uniform mat2 u_turn;
uniform float u_pixelRatio;
uniform float u_size;

layout(location = 0) in vec2 a_place;
layout(location = 1) in uvec4 a_look;

out vec2 v_offset;
flat out uvec4 v_look;

void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  bool isPlain = a_look.z == 0u && (a_look.x == 0u || a_look.x > 3u);
  v_offset = corner * (isPlain ? ${PLAIN_REACH}.0 : ${MARKER_REACH}.0);
  float size = a_look.z != 0u ? 1.0 : u_size;
  v_look = a_look;
  vec2 fromMiddle = u_turn * (a_place - u_camera) + v_offset * size * u_pixelRatio;
  gl_Position = vec4(fromMiddle * 2.0 / u_paneSize, 0.0, 1.0);
}`;

/**
 * Draws a marker from distances: a ring that leaves the source in view, its sign to the upper right,
 * four ticks when it is selected; under all of it a dark halo, so that it shows on bright pixels too.
 */
export const MARKER_FRAGMENT_SHADER = `#version 300 es
precision highp float;
precision highp int;

uniform vec3 u_tones[5];
uniform float u_pixelRatio;

in vec2 v_offset;
flat in uvec4 v_look;

out vec4 o_colour;

const float RING = 11.0;
const float SIGN = 4.0;

float ring(vec2 at, float radius) {
  return abs(length(at) - radius);
}

float segment(vec2 at, vec2 from, vec2 to) {
  vec2 along = to - from;
  float t = clamp(dot(at - from, along) / dot(along, along), 0.0, 1.0);
  return length(at - from - along * t);
}

// Four strokes that point at the middle, from one distance to another.
float ticks(vec2 at, float near, float far) {
  vec2 q = abs(at);
  if (q.y > q.x) q = q.yx;
  return segment(q, vec2(near, 0.0), vec2(far, 0.0));
}

float signOf(vec2 at, uint shape) {
  if (shape == 1u) return max(length(at) - SIGN, 0.0);
  float outline = ring(at, SIGN);
  if (shape == 2u) {
    float r = SIGN * 0.7071;
    return min(outline, min(segment(at, vec2(-r, -r), vec2(r, r)), segment(at, vec2(-r, r), vec2(r, -r))));
  }
  return min(outline, max(length(at) - SIGN, at.x));
}

float outlineOf(vec2 at, uint shape) {
  vec2 q = abs(at);
  if (shape == 4u) return abs(q.x + q.y - RING) * 0.7071;
  if (shape == 5u) return ticks(at, 5.0, 9.0);
  if (shape == 6u) return abs(max(q.x, q.y) - 8.0);
  return ring(at, RING);
}

void main() {
  uint shape = v_look.x;
  bool selected = v_look.z != 0u;
  float stroke = selected ? 0.9 : 0.5;
  float mark = outlineOf(v_offset, shape);
  if (shape >= 1u && shape <= 3u) mark = min(mark, signOf(v_offset - vec2(RING * 0.7071 + 2.0), shape));
  float blur = 0.75 / u_pixelRatio;
  vec3 tone = u_tones[v_look.y];
  float body = 1.0 - smoothstep(stroke, stroke + blur, mark);
  float halo = 0.65 * (1.0 - smoothstep(stroke + 0.6, stroke + 1.4 + blur, mark));
  if (selected) {
    float reach = ticks(v_offset, RING + 3.0, RING + 9.0);
    float bright = 1.0 - smoothstep(1.0, 1.0 + blur, reach);
    tone = mix(tone, u_tones[4], bright * (1.0 - body));
    body = max(body, bright);
    halo = max(halo, 0.65 * (1.0 - smoothstep(1.6, 2.4 + blur, reach)));
  }
  float alpha = body + halo * (1.0 - body);
  if (alpha <= 0.0) discard;
  o_colour = vec4(tone * body, alpha);
}`;
