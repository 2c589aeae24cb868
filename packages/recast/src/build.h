// From triangles to the tiles of a navigation mesh: the Recast pipeline.
#pragma once

#include <cstdint>
#include <vector>

#include <DetourNavMesh.h>

#include "geometry.h"

namespace agent_nav {

// Lengths in metres, areas in square metres, angles in radians.
struct BuildSettings {
    float cell_size = 0.1f;
    float cell_height = 0.05f;
    float agent_height = 1.8f;
    float agent_radius = 0.3f;
    float agent_climb = 0.25f;
    float max_slope = 0.7853982f;
    float min_region_area = 0.5f;
    float merge_region_area = 4.0f;
    float max_edge_length = 12.0f;
    float max_edge_error = 0.13f;
    float detail_distance = 0.6f;
    float detail_error = 0.05f;
    std::int32_t tile_size = 0;  // cells along a side; 0 bakes everything as one tile
};

// What is baked, in Recast's axes.
struct BuildInput {
    std::vector<float> vertices;
    const int* triangles = nullptr;
    int triangle_count = 0;
    const std::uint8_t* areas = nullptr;  // per triangle, 0 (an obstacle) to 63
    Box bounds;
    std::vector<Box> include;   // only floor inside one of them is kept; none keeps all
    std::vector<Prism> holes;   // floor inside is removed, and the agent's body kept out
    std::vector<Prism> paints;  // floor inside gets their area
};

using TileData = std::vector<unsigned char>;

struct BuiltTiles {
    dtNavMeshParams params{};
    std::vector<TileData> tiles;  // Detour's own format; none where there is no floor
};

// Throws std::invalid_argument for input that cannot be baked and std::runtime_error for what Recast refuses.
BuiltTiles buildTiles(const BuildSettings& settings, const BuildInput& input);

}  // namespace agent_nav
