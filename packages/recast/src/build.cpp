#include "build.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include <DetourAlloc.h>
#include <DetourCommon.h>
#include <DetourNavMeshBuilder.h>
#include <Recast.h>

#include "heights.h"

namespace agent_nav {
namespace {

constexpr int kMaxPolygonVertices = DT_VERTS_PER_POLYGON;
constexpr int kMaxTileVertices = 0xffff - 1;
constexpr int kPolyRefBits = 22;  // tile and polygon number share what 32-bit references leave beside 10 bits of salt

struct Deleter {
    void operator()(rcHeightfield* p) const { rcFreeHeightField(p); }
    void operator()(rcCompactHeightfield* p) const { rcFreeCompactHeightfield(p); }
    void operator()(rcContourSet* p) const { rcFreeContourSet(p); }
    void operator()(rcPolyMesh* p) const { rcFreePolyMesh(p); }
    void operator()(rcPolyMeshDetail* p) const { rcFreePolyMeshDetail(p); }
    void operator()(unsigned char* p) const { dtFree(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Deleter>;

// Keeps the last thing Recast complained about, for the error's text.
class Log : public rcContext {
public:
    Log() : rcContext(true) { enableTimer(false); }

    void require(bool ok, const char* stage) const {
        if (!ok) throw std::runtime_error(std::string("Recast failed to ") + stage + (last_.empty() ? "" : ": " + last_));
    }

protected:
    void doLog(const rcLogCategory category, const char* message, const int length) override {
        if (category != RC_LOG_PROGRESS) last_.assign(message, static_cast<std::size_t>(length));
    }

private:
    std::string last_;
};

// A radius of 0.3 m on cells of 0.1 m is three cells, whatever single precision makes of the quotient.
int cellsUp(float length, float cell) { return static_cast<int>(std::ceil(length / cell - 1e-3f)); }
int cellsDown(float length, float cell) { return static_cast<int>(std::floor(length / cell + 1e-3f)); }

rcConfig recastConfig(const BuildSettings& s) {
    rcConfig config{};
    config.cs = s.cell_size;
    config.ch = s.cell_height;
    config.walkableSlopeAngle = s.max_slope * 57.29577951f;
    config.walkableHeight = std::max(3, cellsUp(s.agent_height, s.cell_height));
    config.walkableClimb = cellsDown(s.agent_climb, s.cell_height);
    config.walkableRadius = cellsUp(s.agent_radius, s.cell_size);
    config.maxEdgeLen = cellsDown(s.max_edge_length, s.cell_size);
    config.maxSimplificationError = s.max_edge_error / s.cell_size;
    config.minRegionArea = static_cast<int>(s.min_region_area / (s.cell_size * s.cell_size));
    config.mergeRegionArea = static_cast<int>(s.merge_region_area / (s.cell_size * s.cell_size));
    config.maxVertsPerPoly = kMaxPolygonVertices;
    config.detailSampleDist = s.detail_distance;
    config.detailSampleMaxError = s.detail_error;
    return config;
}

// A volume that begins exactly at the floor contains it, although the floor's height is rounded up to a voxel.
float heightSlack(const rcCompactHeightfield& field) { return 2.0f * field.ch; }

// Removes the floor that lies in none of the boxes.
void keepInside(const std::vector<Box>& boxes, rcCompactHeightfield& field) {
    if (boxes.empty()) return;
    const float slack = heightSlack(field);
    for (int z = 0; z < field.height; ++z) {
        for (int x = 0; x < field.width; ++x) {
            const float px = field.bmin[0] + (static_cast<float>(x) + 0.5f) * field.cs;
            const float pz = field.bmin[2] + (static_cast<float>(z) + 0.5f) * field.cs;
            const rcCompactCell& cell = field.cells[x + z * field.width];
            for (unsigned i = cell.index, end = cell.index + cell.count; i < end; ++i) {
                const float py = field.bmin[1] + static_cast<float>(field.spans[i].y) * field.ch;
                const bool inside = std::any_of(boxes.begin(), boxes.end(), [&](const Box& box) {
                    return px >= box.lower[0] && px <= box.upper[0] && pz >= box.lower[2] && pz <= box.upper[2] &&
                           py >= box.lower[1] - slack && py <= box.upper[1] + slack;
                });
                if (!inside) field.areas[i] = RC_NULL_AREA;
            }
        }
    }
}

void paint(Log& log, const std::vector<Prism>& prisms, rcCompactHeightfield& field) {
    const float slack = heightSlack(field);
    for (const Prism& prism : prisms) {
        rcMarkConvexPolyArea(&log, prism.footprint.data(), static_cast<int>(prism.footprint.size() / 3),
                             prism.bottom - slack, prism.top + slack, prism.area, field);
    }
}

// The walkable floor as open spans, eroded by the agent's radius.
Owned<rcCompactHeightfield> openFloor(Log& log, const rcConfig& config, const BuildInput& input, const int* triangles,
                                      std::vector<unsigned char>& areas) {
    const int count = static_cast<int>(areas.size());
    const int vertex_count = static_cast<int>(input.vertices.size() / 3);

    Owned<rcHeightfield> solid(rcAllocHeightfield());
    log.require(solid && rcCreateHeightfield(&log, *solid, config.width, config.height, config.bmin, config.bmax,
                                             config.cs, config.ch),
                "create the height field");
    rcClearUnwalkableTriangles(&log, config.walkableSlopeAngle, input.vertices.data(), vertex_count, triangles, count,
                               areas.data());
    log.require(rcRasterizeTriangles(&log, input.vertices.data(), vertex_count, triangles, areas.data(), count, *solid,
                                     config.walkableClimb),
                "rasterize the triangles");
    rcFilterLowHangingWalkableObstacles(&log, config.walkableClimb, *solid);
    rcFilterLedgeSpans(&log, config.walkableHeight, config.walkableClimb, *solid);
    rcFilterWalkableLowHeightSpans(&log, config.walkableHeight, *solid);

    Owned<rcCompactHeightfield> open(rcAllocCompactHeightfield());
    log.require(open && rcBuildCompactHeightfield(&log, config.walkableHeight, config.walkableClimb, *solid, *open),
                "build the compact height field");
    solid.reset();

    // Limits come before the erosion, so that bodies and not only their centres stay within them; painted areas come
    // after it, so that two of them meet without a gap.
    keepInside(input.include, *open);
    paint(log, input.holes, *open);
    log.require(rcErodeWalkableArea(&log, config.walkableRadius, *open), "erode by the agent's radius");
    paint(log, input.paints, *open);
    return open;
}

TileData detourTile(const BuildSettings& settings, const rcConfig& config, const rcPolyMesh& polygons,
                    const rcPolyMeshDetail& detail, int tile_x, int tile_z) {
    dtNavMeshCreateParams params{};
    params.verts = polygons.verts;
    params.vertCount = polygons.nverts;
    params.polys = polygons.polys;
    params.polyAreas = polygons.areas;
    params.polyFlags = polygons.flags;
    params.polyCount = polygons.npolys;
    params.nvp = polygons.nvp;
    params.detailMeshes = detail.meshes;
    params.detailVerts = detail.verts;
    params.detailVertsCount = detail.nverts;
    params.detailTris = detail.tris;
    params.detailTriCount = detail.ntris;
    params.walkableHeight = settings.agent_height;
    params.walkableRadius = settings.agent_radius;
    params.walkableClimb = settings.agent_climb;
    rcVcopy(params.bmin, polygons.bmin);
    rcVcopy(params.bmax, polygons.bmax);
    params.cs = config.cs;
    params.ch = config.ch;
    params.tileX = tile_x;
    params.tileY = tile_z;
    params.buildBvTree = true;

    unsigned char* data = nullptr;
    int size = 0;
    if (!dtCreateNavMeshData(&params, &data, &size)) throw std::runtime_error("Detour refused the polygons of a tile");
    const Owned<unsigned char> owner(data);
    return TileData(data, data + size);
}

// A tile begins with its header, then come the corners of its polygons.
float* polygonCorners(TileData& tile) {
    return reinterpret_cast<float*>(tile.data() + dtAlign4(static_cast<int>(sizeof(dtMeshHeader))));
}

// Bakes one tile; an empty result means that there is no floor in it.
TileData bakeTile(const BuildSettings& settings, const rcConfig& config, const BuildInput& input, const int* triangles,
                  std::vector<unsigned char> areas, int tile_x, int tile_z) {
    if (areas.empty()) return {};
    Log log;
    const Owned<rcCompactHeightfield> open = openFloor(log, config, input, triangles, areas);
    log.require(rcBuildDistanceField(&log, *open), "build the distance field");
    log.require(rcBuildRegions(&log, *open, config.borderSize, config.minRegionArea, config.mergeRegionArea),
                "partition the floor");

    const Owned<rcContourSet> contours(rcAllocContourSet());
    log.require(contours && rcBuildContours(&log, *open, config.maxSimplificationError, config.maxEdgeLen, *contours),
                "trace the contours");
    if (contours->nconts == 0) return {};

    const Owned<rcPolyMesh> polygons(rcAllocPolyMesh());
    log.require(polygons && rcBuildPolyMesh(&log, *contours, config.maxVertsPerPoly, *polygons), "build the polygons");
    if (polygons->npolys == 0) return {};
    if (polygons->nverts > kMaxTileVertices) {
        throw std::runtime_error("one tile holds " + std::to_string(polygons->nverts) + " vertices, the limit is " +
                                 std::to_string(kMaxTileVertices) + ": set a tile_size, or a larger cell_size");
    }
    std::fill(polygons->flags, polygons->flags + polygons->npolys, static_cast<unsigned short>(1));

    const Owned<rcPolyMeshDetail> detail(rcAllocPolyMeshDetail());
    log.require(detail && rcBuildPolyMeshDetail(&log, *polygons, *open, config.detailSampleDist,
                                                config.detailSampleMaxError, *detail),
                "add the heights");
    const FloorHeights floor(settings, input, triangles, areas);
    floor.settle(detail->verts, detail->nverts);
    TileData tile = detourTile(settings, config, *polygons, *detail, tile_x, tile_z);
    floor.settle(polygonCorners(tile), polygons->nverts);
    return tile;
}

std::vector<TileData> bakeWhole(const BuildSettings& settings, const BuildInput& input) {
    rcConfig config = recastConfig(settings);
    rcVcopy(config.bmin, input.bounds.lower.data());
    rcVcopy(config.bmax, input.bounds.upper.data());
    rcCalcGridSize(config.bmin, config.bmax, config.cs, &config.width, &config.height);
    std::vector<unsigned char> areas(input.areas, input.areas + input.triangle_count);
    TileData tile = bakeTile(settings, config, input, input.triangles, std::move(areas), 0, 0);
    if (tile.empty()) return {};
    return {std::move(tile)};
}

struct TileGrid {
    int width, height;
    float side;
};

TileGrid tileGrid(const BuildSettings& settings, const BuildInput& input) {
    int cells_x = 0, cells_z = 0;
    rcCalcGridSize(input.bounds.lower.data(), input.bounds.upper.data(), settings.cell_size, &cells_x, &cells_z);
    const int side = settings.tile_size;
    return {(cells_x + side - 1) / side, (cells_z + side - 1) / side, static_cast<float>(side) * settings.cell_size};
}

// The triangles that reach into each tile or its border.
std::vector<std::vector<int>> trianglesPerTile(const BuildInput& input, const TileGrid& grid, float border) {
    std::vector<std::vector<int>> bins(static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height));
    const auto index = [](float offset, float side, int count) {
        return std::clamp(static_cast<int>(std::floor(offset / side)), 0, count - 1);
    };
    for (int t = 0; t < input.triangle_count; ++t) {
        float lower[2] = {INFINITY, INFINITY}, upper[2] = {-INFINITY, -INFINITY};
        for (int corner = 0; corner < 3; ++corner) {
            const float* v = &input.vertices[3 * static_cast<std::size_t>(input.triangles[3 * t + corner])];
            for (int axis = 0; axis < 2; ++axis) {
                lower[axis] = std::min(lower[axis], v[2 * axis] - input.bounds.lower[2 * axis] - border);
                upper[axis] = std::max(upper[axis], v[2 * axis] - input.bounds.lower[2 * axis] + border);
            }
        }
        if (upper[0] < 0 || upper[1] < 0 || lower[0] > grid.side * static_cast<float>(grid.width) ||
            lower[1] > grid.side * static_cast<float>(grid.height)) {
            continue;
        }
        const int x_end = index(upper[0], grid.side, grid.width), z_end = index(upper[1], grid.side, grid.height);
        for (int z = index(lower[1], grid.side, grid.height); z <= z_end; ++z) {
            for (int x = index(lower[0], grid.side, grid.width); x <= x_end; ++x) {
                bins[static_cast<std::size_t>(z) * static_cast<std::size_t>(grid.width) + static_cast<std::size_t>(x)]
                    .push_back(t);
            }
        }
    }
    return bins;
}

std::vector<TileData> bakeGrid(const BuildSettings& settings, const BuildInput& input, const TileGrid& grid) {
    rcConfig config = recastConfig(settings);
    config.borderSize = config.walkableRadius + 3;
    config.tileSize = settings.tile_size;
    config.width = config.height = settings.tile_size + 2 * config.borderSize;
    const float border = static_cast<float>(config.borderSize) * config.cs;
    const auto bins = trianglesPerTile(input, grid, border);

    std::vector<TileData> tiles;
    std::vector<int> triangles;
    std::vector<unsigned char> areas;
    for (int z = 0; z < grid.height; ++z) {
        for (int x = 0; x < grid.width; ++x) {
            const auto& bin = bins[static_cast<std::size_t>(z * grid.width + x)];
            triangles.clear();
            areas.clear();
            for (const int t : bin) {
                triangles.insert(triangles.end(), input.triangles + 3 * t, input.triangles + 3 * t + 3);
                areas.push_back(input.areas[t]);
            }
            const float x0 = input.bounds.lower[0] + static_cast<float>(x) * grid.side;
            const float z0 = input.bounds.lower[2] + static_cast<float>(z) * grid.side;
            rcVcopy(config.bmin, Vec3{x0 - border, input.bounds.lower[1], z0 - border}.data());
            rcVcopy(config.bmax,
                    Vec3{x0 + grid.side + border, input.bounds.upper[1], z0 + grid.side + border}.data());
            TileData tile = bakeTile(settings, config, input, triangles.data(), areas, x, z);
            if (!tile.empty()) tiles.push_back(std::move(tile));
        }
    }
    return tiles;
}

int polygonCount(const TileData& tile) {
    dtMeshHeader header;
    std::memcpy(&header, tile.data(), sizeof header);
    return header.polyCount;
}

}  // namespace

BuiltTiles buildTiles(const BuildSettings& settings, const BuildInput& input) {
    BuiltTiles built;
    TileGrid grid{1, 1, 0.0f};
    if (settings.tile_size == 0) {
        built.tiles = bakeWhole(settings, input);
    } else {
        grid = tileGrid(settings, input);
        built.tiles = bakeGrid(settings, input, grid);
    }

    int most_polygons = 1;
    for (const TileData& tile : built.tiles) most_polygons = std::max(most_polygons, polygonCount(tile));
    dtNavMeshParams& params = built.params;
    rcVcopy(params.orig, input.bounds.lower.data());
    params.tileWidth = settings.tile_size ? grid.side : input.bounds.upper[0] - input.bounds.lower[0];
    params.tileHeight = settings.tile_size ? grid.side : input.bounds.upper[2] - input.bounds.lower[2];
    params.maxTiles = static_cast<int>(std::max<std::size_t>(1, built.tiles.size()));
    params.maxPolys = most_polygons;
    const unsigned bits = dtIlog2(dtNextPow2(static_cast<unsigned>(params.maxTiles))) +
                          dtIlog2(dtNextPow2(static_cast<unsigned>(params.maxPolys)));
    if (bits > kPolyRefBits) {
        throw std::runtime_error("the mesh has too many tiles and polygons for Detour: set a larger cell_size");
    }
    return built;
}

}  // namespace agent_nav
