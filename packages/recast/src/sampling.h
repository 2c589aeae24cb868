// Random points on a view. Chance comes from the caller, as numbers or as a seed: same input, same points.
#pragma once

#include <cstdint>
#include <vector>

#include "view.h"

namespace agent_nav {

// Spreads points evenly over the surface: one per row of three uniform numbers in [0, 1).
// Throws std::invalid_argument when there is no surface.
std::vector<float> randomPoints(const View& view, const double* uniforms, std::size_t count);

// Spreads up to `count` points evenly over what lies within `radius` of the centre and can be walked to from there
// inside `view`. A centre that is on the `whole` mesh but not in the view may leave it to reach the view.
std::vector<float> randomPointsAround(const View& whole, const View& view, const float* centre, float radius,
                                      std::size_t count, std::uint64_t seed, float reach);

}  // namespace agent_nav
