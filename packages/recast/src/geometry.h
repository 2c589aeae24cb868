// Points, boxes and the change of axes between our Z-up world and Recast's Y-up one.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace agent_nav {

using Vec3 = std::array<float, 3>;

// Recast is Y-up and right-handed: (x, y, z) of our world is (x, z, -y) there.
inline Vec3 toRecast(const float* p) { return {p[0], p[2], -p[1]}; }

inline void fromRecast(const float* p, float* out) {
    const float x = p[0], y = p[1], z = p[2];
    out[0] = x;
    out[1] = -z;
    out[2] = y;
}

// An axis-aligned box; in which axes is said where it is used.
struct Box {
    Vec3 lower{};
    Vec3 upper{};
};

// A convex footprint with a range of heights, in Recast's axes: `footprint` holds x, y, z per corner, y unused.
struct Prism {
    std::vector<float> footprint;
    float bottom = 0.0f;
    float top = 0.0f;
    std::uint8_t area = 0;
};

}  // namespace agent_nav
