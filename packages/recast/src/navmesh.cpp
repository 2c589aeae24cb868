#include "navmesh.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace agent_nav {

NavMesh::NavMesh(const BuildSettings& settings, BuiltTiles built) : settings_(settings), built_(std::move(built)) {
    for (const TileData& tile : built_.tiles) {
        dtMeshHeader header;
        std::memcpy(&header, tile.data(), sizeof header);
        polygon_count_ += header.polyCount;
    }
}

std::shared_ptr<const View> NavMesh::view(std::uint64_t areas) const {
    const std::lock_guard<std::mutex> lock(views_mutex_);
    std::shared_ptr<const View>& view = views_[areas];
    if (!view) view = std::make_shared<const View>(built_.params, built_.tiles, areas);
    return view;
}

std::unique_ptr<NavMesh> NavMesh::keepComponents(const std::vector<std::int32_t>& keep) const {
    const std::shared_ptr<const View> all = view(kAllAreas);
    const NavMeshPtr copy = openTiles(built_.params, built_.tiles);
    const dtNavMesh& mesh = *copy;
    BuiltTiles kept{built_.params, {}};
    for (int t = 0; t < mesh.getMaxTiles(); ++t) {
        const dtMeshTile* tile = mesh.getTile(t);
        if (!tile->header) continue;
        for (int p = 0; p < tile->header->polyCount; ++p) {
            const dtPolyRef polygon = mesh.getPolyRefBase(tile) | static_cast<dtPolyRef>(p);
            if (std::find(keep.begin(), keep.end(), all->component(polygon)) == keep.end()) {
                copy->setPolyFlags(polygon, 0);
            }
        }
        kept.tiles.emplace_back(tile->data, tile->data + tile->dataSize);
    }
    return std::make_unique<NavMesh>(settings_, std::move(kept));
}

}  // namespace agent_nav
