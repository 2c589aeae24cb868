// The file format: a header with a checksum, then the settings, Detour's parameters, and each tile with its length.
#include <cstring>
#include <stdexcept>
#include <type_traits>

#include "navmesh.h"

namespace agent_nav {
namespace {

constexpr std::uint32_t kMagic = 0x314e4149;  // "IAN1"; read backwards on a machine of the other byte order
constexpr std::uint32_t kVersion = 1;

struct Header {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint64_t payload_size;
    std::uint64_t checksum;  // of the payload, which is all the rest
};
static_assert(sizeof(Header) == 24);

// FNV-1a: Detour trusts what it loads, so a damaged file has to be caught here.
std::uint64_t checksum(const char* data, std::size_t size) {
    std::uint64_t hash = 0xcbf29ce484222325ull;
    for (std::size_t i = 0; i < size; ++i) hash = (hash ^ static_cast<unsigned char>(data[i])) * 0x100000001b3ull;
    return hash;
}

template <class T>
void append(std::string& out, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

class Reader {
public:
    Reader(const char* data, std::size_t size) : next_(data), left_(size) {}

    const char* take(std::size_t size) {
        if (size > left_) throw std::invalid_argument("the saved navigation mesh is cut short");
        const char* start = next_;
        next_ += size;
        left_ -= size;
        return start;
    }

    template <class T>
    T read() {
        T value;
        std::memcpy(&value, take(sizeof value), sizeof value);
        return value;
    }

private:
    const char* next_;
    std::size_t left_;
};

}  // namespace

std::string save(const NavMesh& mesh) {
    std::string payload;
    append(payload, static_cast<std::uint32_t>(DT_NAVMESH_VERSION));
    append(payload, static_cast<std::uint32_t>(mesh.built().tiles.size()));
    append(payload, mesh.settings());
    append(payload, mesh.built().params);
    for (const TileData& tile : mesh.built().tiles) {
        append(payload, static_cast<std::uint64_t>(tile.size()));
        payload.append(reinterpret_cast<const char*>(tile.data()), tile.size());
    }
    std::string out;
    append(out, Header{kMagic, kVersion, payload.size(), checksum(payload.data(), payload.size())});
    return out + payload;
}

std::unique_ptr<NavMesh> load(const char* data, std::size_t size) {
    Reader file(data, size);
    const auto header = file.read<Header>();
    if (header.magic != kMagic) throw std::invalid_argument("these bytes are not a saved navigation mesh");
    if (header.version != kVersion) throw std::invalid_argument("the navigation mesh was saved by another version");
    if (header.payload_size != size - sizeof header) {
        throw std::invalid_argument("the saved navigation mesh is cut short, or something follows it");
    }
    Reader payload(file.take(header.payload_size), header.payload_size);
    if (checksum(data + sizeof header, header.payload_size) != header.checksum) {
        throw std::invalid_argument("the saved navigation mesh is damaged: its checksum does not match");
    }

    if (payload.read<std::uint32_t>() != DT_NAVMESH_VERSION) {
        throw std::invalid_argument("the navigation mesh was saved with another version of Detour");
    }
    const auto tile_count = payload.read<std::uint32_t>();
    const auto settings = payload.read<BuildSettings>();
    BuiltTiles built{payload.read<dtNavMeshParams>(), {}};
    for (std::uint32_t i = 0; i < tile_count; ++i) {
        const auto tile_size = payload.read<std::uint64_t>();
        const char* tile = payload.take(tile_size);
        if (tile_size < sizeof(dtMeshHeader)) throw std::invalid_argument("a tile of the navigation mesh is too small");
        built.tiles.emplace_back(tile, tile + tile_size);
    }
    return std::make_unique<NavMesh>(settings, std::move(built));
}

}  // namespace agent_nav
