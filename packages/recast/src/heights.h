// The true heights of the surface. Recast rounds every height up to a voxel or two; feet show that.
#pragma once

#include <vector>

#include "build.h"

namespace agent_nav {

// The walkable triangles of the input, found by where they are as seen from above.
class FloorHeights {
public:
    // `walkable` holds the triangles' areas, 0 for those that are no floor.
    FloorHeights(const BuildSettings& settings, const BuildInput& input, const int* triangles,
                 const std::vector<unsigned char>& walkable);

    // Moves y of each x, y, z to the floor that the voxel stands for, or by the rounding alone where there is none.
    void settle(float* points, int count) const;

private:
    float heightNear(float x, float z, float expected) const;
    int column(float x) const;
    int row(float z) const;

    const std::vector<float>& vertices_;
    const int* triangles_;
    float origin_x_ = 0.0f, origin_z_ = 0.0f, cell_ = 1.0f;
    int columns_ = 1, rows_ = 1;
    float rounding_, window_;
    std::vector<std::uint32_t> offsets_, members_;  // triangles of each cell, one cell after the other
};

}  // namespace agent_nav
