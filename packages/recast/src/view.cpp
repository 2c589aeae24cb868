#include "view.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <stdexcept>

#include <DetourAlloc.h>
#include <DetourCommon.h>

namespace agent_nav {
namespace {

double triangleArea(const Vec3* corners) {
    double u[3], v[3];
    for (int axis = 0; axis < 3; ++axis) {
        u[axis] = static_cast<double>(corners[1][axis]) - corners[0][axis];
        v[axis] = static_cast<double>(corners[2][axis]) - corners[0][axis];
    }
    const double x = u[1] * v[2] - u[2] * v[1], y = u[2] * v[0] - u[0] * v[2], z = u[0] * v[1] - u[1] * v[0];
    return 0.5 * std::sqrt(x * x + y * y + z * z);
}

}  // namespace

NavMeshPtr openTiles(const dtNavMeshParams& params, const std::vector<TileData>& tiles) {
    NavMeshPtr mesh(dtAllocNavMesh());
    if (!mesh) throw std::bad_alloc();
    if (dtStatusFailed(mesh->init(&params))) throw std::runtime_error("Detour refused the size of the mesh");
    for (const TileData& tile : tiles) {
        const int size = static_cast<int>(tile.size());
        auto* data = static_cast<unsigned char*>(dtAlloc(tile.size(), DT_ALLOC_PERM));
        if (!data) throw std::bad_alloc();
        std::memcpy(data, tile.data(), tile.size());
        if (dtStatusFailed(mesh->addTile(data, size, DT_TILE_FREE_DATA, 0, nullptr))) {
            dtFree(data);
            throw std::runtime_error("Detour refused a tile of the mesh");
        }
    }
    return mesh;
}

dtQueryFilter viewFilter() {
    dtQueryFilter filter;
    filter.setIncludeFlags(kWalkableFlag);
    filter.setExcludeFlags(0);
    return filter;
}

View::View(const dtNavMeshParams& params, const std::vector<TileData>& tiles, std::uint64_t areas)
    : mesh_(openTiles(params, tiles)) {
    std::size_t count = 0;
    const dtNavMesh& mesh = *mesh_;
    for (int t = 0; t < mesh.getMaxTiles(); ++t) {
        tile_offsets_.push_back(count);
        const dtMeshTile* tile = mesh.getTile(t);
        if (!tile->header) continue;
        for (int p = 0; p < tile->header->polyCount; ++p) {
            if (areas >> tile->polys[p].getArea() & 1) continue;
            mesh_->setPolyFlags(mesh.getPolyRefBase(tile) | static_cast<dtPolyRef>(p), 0);
        }
        count += static_cast<std::size_t>(tile->header->polyCount);
    }
    components_.assign(count, -1);
    // A* opens a polygon at most a few times; Detour numbers its nodes with 16 bits.
    node_limit_ = static_cast<int>(std::clamp<std::size_t>(2 * count, 512, 65535));
    labelComponents();
    collectSurface();
}

std::size_t View::polygonIndex(dtPolyRef polygon) const {
    unsigned salt = 0, tile = 0, index = 0;
    mesh_->decodePolyId(polygon, salt, tile, index);
    return tile_offsets_[tile] + index;
}

std::int32_t View::component(dtPolyRef polygon) const { return components_[polygonIndex(polygon)]; }

void View::labelComponents() {
    const dtNavMesh& mesh = *mesh_;
    std::int32_t next = 0;
    std::vector<dtPolyRef> open;
    for (int t = 0; t < mesh.getMaxTiles(); ++t) {
        const dtMeshTile* first = mesh.getTile(t);
        if (!first->header) continue;
        for (int p = 0; p < first->header->polyCount; ++p) {
            const std::size_t seed = tile_offsets_[static_cast<std::size_t>(t)] + static_cast<std::size_t>(p);
            if (components_[seed] >= 0 || !(first->polys[p].flags & kWalkableFlag)) continue;
            components_[seed] = next;
            open.push_back(mesh.getPolyRefBase(first) | static_cast<dtPolyRef>(p));
            while (!open.empty()) {
                const dtMeshTile* tile = nullptr;
                const dtPoly* polygon = nullptr;
                mesh.getTileAndPolyByRefUnsafe(open.back(), &tile, &polygon);
                open.pop_back();
                for (unsigned link = polygon->firstLink; link != DT_NULL_LINK; link = tile->links[link].next) {
                    const dtPolyRef neighbour = tile->links[link].ref;
                    const dtMeshTile* neighbour_tile = nullptr;
                    const dtPoly* neighbour_polygon = nullptr;
                    mesh.getTileAndPolyByRefUnsafe(neighbour, &neighbour_tile, &neighbour_polygon);
                    std::int32_t& label = components_[polygonIndex(neighbour)];
                    if (label >= 0 || !(neighbour_polygon->flags & kWalkableFlag)) continue;
                    label = next;
                    open.push_back(neighbour);
                }
            }
            ++next;
        }
    }
}

void View::collectSurface() {
    const dtNavMesh& mesh = *mesh_;
    double total = 0.0;
    for (int t = 0; t < mesh.getMaxTiles(); ++t) {
        const dtMeshTile* tile = mesh.getTile(t);
        if (!tile->header) continue;
        for (int p = 0; p < tile->header->polyCount; ++p) {
            const dtPoly& polygon = tile->polys[p];
            if (!(polygon.flags & kWalkableFlag)) continue;
            const dtPolyDetail& detail = tile->detailMeshes[p];
            const dtPolyRef ref = mesh.getPolyRefBase(tile) | static_cast<dtPolyRef>(p);
            for (unsigned k = 0; k < detail.triCount; ++k) {
                SurfaceTriangle triangle{{}, ref, component(ref), polygon.getArea()};
                const unsigned char* corners = &tile->detailTris[4 * (detail.triBase + k)];
                for (int c = 0; c < 3; ++c) {
                    // The first corners are the polygon's own, the others belong to the detail mesh.
                    const float* vertex =
                        corners[c] < polygon.vertCount
                            ? &tile->verts[3 * polygon.verts[corners[c]]]
                            : &tile->detailVerts[3 * (detail.vertBase + corners[c] - polygon.vertCount)];
                    dtVcopy(triangle.corners[c].data(), vertex);
                }
                total += triangleArea(triangle.corners);
                surface_.push_back(triangle);
                cumulative_area_.push_back(total);
            }
        }
    }
}

View::Lease::Lease(const View& view) : view_(view) {
    {
        const std::lock_guard<std::mutex> lock(view.pool_mutex_);
        if (!view.pool_.empty()) {
            query_ = std::move(view.pool_.back());
            view.pool_.pop_back();
            return;
        }
    }
    query_.reset(dtAllocNavMeshQuery());
    if (!query_ || dtStatusFailed(query_->init(view.mesh_.get(), view.node_limit_))) throw std::bad_alloc();
}

View::Lease::~Lease() {
    const std::lock_guard<std::mutex> lock(view_.pool_mutex_);
    view_.pool_.push_back(std::move(query_));
}

}  // namespace agent_nav
