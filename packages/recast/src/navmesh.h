// A baked mesh: its tiles, never changed, and the views that queries ask for.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "build.h"
#include "view.h"

namespace agent_nav {

class NavMesh {
public:
    NavMesh(const BuildSettings& settings, BuiltTiles built);

    const BuildSettings& settings() const { return settings_; }
    const BuiltTiles& built() const { return built_; }
    int polygonCount() const { return polygon_count_; }

    // The part of the mesh whose area numbers are set in the mask; made on first use, then kept.
    std::shared_ptr<const View> view(std::uint64_t areas) const;

    // A copy in which only the given connected parts are walkable.
    std::unique_ptr<NavMesh> keepComponents(const std::vector<std::int32_t>& keep) const;

private:
    BuildSettings settings_;
    BuiltTiles built_;
    int polygon_count_ = 0;
    mutable std::mutex views_mutex_;
    mutable std::map<std::uint64_t, std::shared_ptr<const View>> views_;
};

// Bytes that `load` turns into the same mesh again, on a machine of the same byte order.
std::string save(const NavMesh& mesh);

// Throws std::invalid_argument for anything that `save` of this version did not write.
std::unique_ptr<NavMesh> load(const char* data, std::size_t size);

}  // namespace agent_nav
