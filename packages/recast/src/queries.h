// Batched questions to a view. Points come and go as x, y, z in our Z-up axes; NaN stands for "nowhere".
#pragma once

#include <cstdint>
#include <vector>

#include "view.h"

namespace agent_nav {

// How far from the surface a point may be to count as on it [m].
struct Reach {
    float horizontal;
    float vertical;
};

struct NearestResult {
    std::vector<float> points;        // (n, 3)
    std::vector<std::int32_t> areas;  // -1 where nothing is within reach
};

enum PathStatus : std::uint8_t { kNoPath = 0, kComplete = 1, kPartial = 2 };

struct PathsResult {
    std::vector<std::uint8_t> status;
    std::vector<std::int64_t> offsets;  // path i is points[offsets[i]:offsets[i + 1]]
    std::vector<float> points;
};

// Finds the closest point of the surface within a straight distance.
NearestResult nearest(const View& view, const float* points, std::size_t count, float reach);

// Finds shortest paths. `area_costs` holds 64 factors per metre, or is null for 1 everywhere.
PathsResult paths(const View& view, const float* starts, const float* ends, std::size_t count, Reach reach,
                  const float* area_costs);

// How much of each straight walk is free of walls, 0 to 1.
std::vector<float> raycast(const View& view, const float* starts, const float* ends, std::size_t count, Reach reach);

// Distance to the nearest edge of the surface, at most `limit`; 0 for points that are not on it.
std::vector<float> distanceToWall(const View& view, const float* points, std::size_t count, float limit, Reach reach);

// Slides each start towards its end, over the surface and along its edges.
std::vector<float> moveAlongSurface(const View& view, const float* starts, const float* ends, std::size_t count,
                                    Reach reach);

}  // namespace agent_nav
