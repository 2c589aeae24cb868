// A mesh as seen through a set of areas, ready for queries from any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <DetourNavMesh.h>
#include <DetourNavMeshQuery.h>

#include "build.h"

namespace agent_nav {

inline constexpr std::uint64_t kAllAreas = ~std::uint64_t{0};
inline constexpr unsigned short kWalkableFlag = 1;

struct NavMeshDeleter {
    void operator()(dtNavMesh* mesh) const { dtFreeNavMesh(mesh); }
};
struct QueryDeleter {
    void operator()(dtNavMeshQuery* query) const { dtFreeNavMeshQuery(query); }
};
using NavMeshPtr = std::unique_ptr<dtNavMesh, NavMeshDeleter>;
using QueryPtr = std::unique_ptr<dtNavMeshQuery, QueryDeleter>;

// Gives Detour its own copy of the tiles. Throws std::runtime_error when it refuses them.
NavMeshPtr openTiles(const dtNavMeshParams& params, const std::vector<TileData>& tiles);

// One triangle of the surface, with the heights of the detail mesh; corners in Recast's axes.
struct SurfaceTriangle {
    Vec3 corners[3];
    dtPolyRef polygon;
    std::int32_t component;
    std::uint8_t area;
};

// The polygons whose area is in a mask. Detour filters by 16 flags, we have 64 areas: so each set of areas that is
// asked for gets its own small copy of the mesh, with one flag. Polygon references are the same in all of them.
class View {
public:
    View(const dtNavMeshParams& params, const std::vector<TileData>& tiles, std::uint64_t areas);

    const dtNavMesh& mesh() const { return *mesh_; }
    const std::vector<SurfaceTriangle>& surface() const { return surface_; }
    // Running sum of the triangles' areas [m^2], in their order.
    const std::vector<double>& cumulativeArea() const { return cumulative_area_; }
    // Which connected part a polygon belongs to, or -1 when the view leaves it out.
    std::int32_t component(dtPolyRef polygon) const;

    // A query object of one's own for as long as the lease lives; Detour's are not for two threads at once.
    class Lease {
    public:
        explicit Lease(const View& view);
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        const dtNavMeshQuery& operator*() const { return *query_; }
        const dtNavMeshQuery* operator->() const { return query_.get(); }
        int nodeLimit() const { return view_.node_limit_; }

    private:
        const View& view_;
        QueryPtr query_;
    };

private:
    void labelComponents();
    void collectSurface();
    std::size_t polygonIndex(dtPolyRef polygon) const;

    NavMeshPtr mesh_;
    std::vector<std::size_t> tile_offsets_;  // index of each tile's first polygon
    std::vector<std::int32_t> components_;
    std::vector<SurfaceTriangle> surface_;
    std::vector<double> cumulative_area_;
    int node_limit_ = 0;
    mutable std::mutex pool_mutex_;
    mutable std::vector<QueryPtr> pool_;
};

// The filter of every query: what the view holds, at a cost of 1 per metre.
dtQueryFilter viewFilter();

}  // namespace agent_nav
