// The Python face: checks what comes in, lets go of the GIL, hands arrays back without copying.
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "navmesh.h"
#include "queries.h"
#include "sampling.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace agent_nav {
namespace {

template <class T, class Shape>
using Array = nb::ndarray<const T, Shape, nb::c_contig, nb::device::cpu>;
using Points = Array<float, nb::shape<-1, 3>>;
using Point = Array<float, nb::shape<3>>;
using Triangles = Array<std::int32_t, nb::shape<-1, 3>>;
using Areas = Array<std::uint8_t, nb::shape<-1>>;
using Costs = Array<float, nb::shape<64>>;
using Uniforms = Array<double, nb::shape<-1, 3>>;

using BoxArgument = std::pair<Point, Point>;                           // lower and upper corner
using PrismArgument = std::tuple<Array<float, nb::shape<-1, 2>>, float, float, int>;  // footprint, bottom, top, area

constexpr float kFarthest = 1.0e6f;  // single precision cannot place a person any farther out
constexpr double kMostCells = 4.0e8;
constexpr int kMaxArea = 63;

template <class T, class... Sizes>
auto toNumpy(std::vector<T>&& values, Sizes... shape) {
    auto* owned = new std::vector<T>(std::move(values));
    nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
    return nb::ndarray<nb::numpy, T>(owned->data(), {static_cast<std::size_t>(shape)...}, owner);
}

void requireFinite(const float* values, std::size_t count, const char* name) {
    for (std::size_t i = 0; i < count; ++i) {
        if (!(std::abs(values[i]) <= kFarthest)) {
            throw std::invalid_argument(std::string(name) + ": value " + std::to_string(values[i]) + " in row " +
                                        std::to_string(i / 3) + " is not a coordinate within 1,000 km");
        }
    }
}

void requireFinite(const Points& points, const char* name) { requireFinite(points.data(), points.size(), name); }

void requirePositive(float value, const char* name) {
    if (!(value > 0.0f && value <= kFarthest)) {
        throw std::invalid_argument(std::string(name) + " must be a positive length, got " + std::to_string(value));
    }
}

void requireSameLength(const Points& starts, const Points& ends) {
    if (starts.shape(0) != ends.shape(0)) {
        throw std::invalid_argument("starts and ends differ in length: " + std::to_string(starts.shape(0)) + " and " +
                                    std::to_string(ends.shape(0)));
    }
}

Reach checkedReach(std::pair<float, float> reach) {
    requirePositive(reach.first, "reach");
    requirePositive(reach.second, "reach");
    return {reach.first, reach.second};
}

Box toBox(const BoxArgument& argument, const char* name) {
    requireFinite(argument.first.data(), 3, name);
    requireFinite(argument.second.data(), 3, name);
    const Vec3 a = toRecast(argument.first.data()), b = toRecast(argument.second.data());
    Box box;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        box.lower[axis] = std::min(a[axis], b[axis]);
        box.upper[axis] = std::max(a[axis], b[axis]);
    }
    return box;
}

std::vector<Prism> toPrisms(const std::vector<PrismArgument>& arguments, const char* name) {
    std::vector<Prism> prisms;
    for (const auto& [footprint, bottom, top, area] : arguments) {
        requireFinite(footprint.data(), footprint.size(), name);
        if (footprint.shape(0) < 3) throw std::invalid_argument(std::string(name) + ": a footprint needs 3 corners");
        if (!std::isfinite(bottom) || !std::isfinite(top)) throw std::invalid_argument(std::string(name) + ": height");
        if (area < 0 || area > kMaxArea) throw std::invalid_argument(std::string(name) + ": areas are 0 to 63");
        Prism prism{{}, bottom, top, static_cast<std::uint8_t>(area)};
        for (std::size_t i = 0; i < footprint.shape(0); ++i) {
            const float corner[3] = {footprint(i, 0), footprint(i, 1), 0.0f};
            const Vec3 converted = toRecast(corner);
            prism.footprint.insert(prism.footprint.end(), converted.begin(), converted.end());
        }
        prisms.push_back(std::move(prism));
    }
    return prisms;
}

void checkSettings(const BuildSettings& s, const Box& bounds) {
    requirePositive(s.cell_size, "cell_size");
    requirePositive(s.cell_height, "cell_height");
    requirePositive(s.agent_height, "agent_height");
    for (const float value : {s.agent_radius, s.agent_climb, s.max_slope, s.min_region_area, s.merge_region_area,
                              s.max_edge_length, s.max_edge_error, s.detail_distance, s.detail_error}) {
        if (!(value >= 0.0f && value <= kFarthest)) throw std::invalid_argument("settings must not be negative");
    }
    if (s.tile_size < 0 || s.tile_size > 4096) throw std::invalid_argument("tile_size must be 0 to 4096 cells");
    const double columns = (bounds.upper[0] - bounds.lower[0]) / static_cast<double>(s.cell_size);
    const double rows = (bounds.upper[2] - bounds.lower[2]) / static_cast<double>(s.cell_size);
    if (columns < 1 || rows < 1) throw std::invalid_argument("the bounds are less than one cell wide");
    if (columns * rows > kMostCells || (s.tile_size == 0 && std::max(columns, rows) > 60000)) {
        throw std::invalid_argument("the bounds hold too many cells: raise cell_size, or bake less at once");
    }
}

std::unique_ptr<NavMesh> build(const Points& vertices, const Triangles& triangles, const Areas& areas,
                               const BuildSettings& settings, const BoxArgument& bounds,
                               const std::vector<BoxArgument>& include, const std::vector<PrismArgument>& holes,
                               const std::vector<PrismArgument>& paints) {
    requireFinite(vertices, "vertices");
    if (areas.shape(0) != triangles.shape(0)) throw std::invalid_argument("areas: one per triangle is expected");
    const auto vertex_count = static_cast<std::int64_t>(vertices.shape(0));
    for (std::size_t i = 0; i < triangles.size(); ++i) {
        const std::int32_t index = triangles.data()[i];
        if (index < 0 || index >= vertex_count) {
            throw std::invalid_argument("triangle " + std::to_string(i / 3) + " names vertex " + std::to_string(index) +
                                        " of " + std::to_string(vertex_count));
        }
        if (areas.data()[i / 3] > kMaxArea) throw std::invalid_argument("areas are 0 to 63");
    }

    BuildInput input;
    input.triangles = triangles.data();
    input.triangle_count = static_cast<int>(triangles.shape(0));
    input.areas = areas.data();
    input.bounds = toBox(bounds, "bounds");
    for (const BoxArgument& box : include) input.include.push_back(toBox(box, "include"));
    input.holes = toPrisms(holes, "holes");
    for (Prism& hole : input.holes) hole.area = 0;
    input.paints = toPrisms(paints, "paints");
    checkSettings(settings, input.bounds);

    const nb::gil_scoped_release unlocked;
    input.vertices.reserve(vertices.size());
    for (std::int64_t i = 0; i < vertex_count; ++i) {
        const Vec3 vertex = toRecast(vertices.data() + 3 * i);
        input.vertices.insert(input.vertices.end(), vertex.begin(), vertex.end());
    }
    return std::make_unique<NavMesh>(settings, buildTiles(settings, input));
}

auto surfaceArrays(const NavMesh& mesh) {
    std::vector<float> corners;
    std::vector<std::uint8_t> areas;
    std::vector<std::int32_t> components;
    {
        const nb::gil_scoped_release unlocked;
        const auto view = mesh.view(kAllAreas);
        corners.reserve(9 * view->surface().size());
        for (const SurfaceTriangle& triangle : view->surface()) {
            for (const Vec3& corner : triangle.corners) {
                float out[3];
                fromRecast(corner.data(), out);
                corners.insert(corners.end(), out, out + 3);
            }
            areas.push_back(triangle.area);
            components.push_back(triangle.component);
        }
    }
    const std::size_t count = areas.size();
    return nb::make_tuple(toNumpy(std::move(corners), count, 3, 3), toNumpy(std::move(areas), count),
                          toNumpy(std::move(components), count));
}

auto nearestArrays(const NavMesh& mesh, const Points& points, float reach, std::uint64_t areas) {
    requireFinite(points, "points");
    requirePositive(reach, "reach");
    const std::size_t count = points.shape(0);
    NearestResult result;
    {
        const nb::gil_scoped_release unlocked;
        result = nearest(*mesh.view(areas), points.data(), count, reach);
    }
    return nb::make_tuple(toNumpy(std::move(result.points), count, 3), toNumpy(std::move(result.areas), count));
}

auto pathArrays(const NavMesh& mesh, const Points& starts, const Points& ends, std::pair<float, float> reach,
                std::uint64_t areas, const std::optional<Costs>& costs) {
    requireFinite(starts, "starts");
    requireFinite(ends, "ends");
    requireSameLength(starts, ends);
    const Reach checked = checkedReach(reach);
    if (costs) {
        for (std::size_t i = 0; i < costs->size(); ++i) {
            // A* never overestimates only while no metre costs less than 1.
            if (!(costs->data()[i] >= 1.0f && costs->data()[i] <= kFarthest)) {
                throw std::invalid_argument("costs must be at least 1");
            }
        }
    }
    PathsResult result;
    {
        const nb::gil_scoped_release unlocked;
        result = paths(*mesh.view(areas), starts.data(), ends.data(), starts.shape(0), checked,
                       costs ? costs->data() : nullptr);
    }
    const std::size_t count = starts.shape(0), corners = result.points.size() / 3;
    return nb::make_tuple(toNumpy(std::move(result.status), count), toNumpy(std::move(result.offsets), count + 1),
                          toNumpy(std::move(result.points), corners, 3));
}

auto raycastArray(const NavMesh& mesh, const Points& starts, const Points& ends, std::pair<float, float> reach,
                  std::uint64_t areas) {
    requireFinite(starts, "starts");
    requireFinite(ends, "ends");
    requireSameLength(starts, ends);
    const Reach checked = checkedReach(reach);
    std::vector<float> free;
    {
        const nb::gil_scoped_release unlocked;
        free = raycast(*mesh.view(areas), starts.data(), ends.data(), starts.shape(0), checked);
    }
    return toNumpy(std::move(free), starts.shape(0));
}

auto wallDistanceArray(const NavMesh& mesh, const Points& points, float limit, std::pair<float, float> reach,
                       std::uint64_t areas) {
    requireFinite(points, "points");
    requirePositive(limit, "limit");
    const Reach checked = checkedReach(reach);
    std::vector<float> distances;
    {
        const nb::gil_scoped_release unlocked;
        distances = distanceToWall(*mesh.view(areas), points.data(), points.shape(0), limit, checked);
    }
    return toNumpy(std::move(distances), points.shape(0));
}

auto moveArray(const NavMesh& mesh, const Points& starts, const Points& ends, std::pair<float, float> reach,
               std::uint64_t areas) {
    requireFinite(starts, "starts");
    requireFinite(ends, "ends");
    requireSameLength(starts, ends);
    const Reach checked = checkedReach(reach);
    std::vector<float> moved;
    {
        const nb::gil_scoped_release unlocked;
        moved = moveAlongSurface(*mesh.view(areas), starts.data(), ends.data(), starts.shape(0), checked);
    }
    return toNumpy(std::move(moved), starts.shape(0), 3);
}

auto randomPointArray(const NavMesh& mesh, const Uniforms& uniforms, std::uint64_t areas) {
    for (std::size_t i = 0; i < uniforms.size(); ++i) {
        if (!(uniforms.data()[i] >= 0.0 && uniforms.data()[i] < 1.0)) {
            throw std::invalid_argument("uniforms must lie in [0, 1)");
        }
    }
    std::vector<float> points;
    {
        const nb::gil_scoped_release unlocked;
        points = randomPoints(*mesh.view(areas), uniforms.data(), uniforms.shape(0));
    }
    return toNumpy(std::move(points), uniforms.shape(0), 3);
}

auto randomPointAroundArray(const NavMesh& mesh, const Point& centre, float radius, std::int64_t count,
                            std::uint64_t seed, float reach, std::uint64_t areas) {
    requireFinite(centre.data(), 3, "centre");
    requirePositive(radius, "radius");
    requirePositive(reach, "reach");
    if (count < 0 || count > 100'000'000) throw std::invalid_argument("count must be 0 to 100,000,000");
    std::vector<float> points;
    {
        const nb::gil_scoped_release unlocked;
        points = randomPointsAround(*mesh.view(kAllAreas), *mesh.view(areas), centre.data(), radius,
                                    static_cast<std::size_t>(count), seed, reach);
    }
    const std::size_t found = points.size() / 3;
    return toNumpy(std::move(points), found, 3);
}

}  // namespace
}  // namespace agent_nav

NB_MODULE(_recast, module) {
    using namespace agent_nav;

    module.attr("__version__") = PACKAGE_VERSION;
    module.attr("BUILD_ID") = PACKAGE_VERSION "-" BUILD_DIGEST;

    nb::class_<BuildSettings>(module, "Settings")
        .def(nb::init<>())
        .def_rw("cell_size", &BuildSettings::cell_size)
        .def_rw("cell_height", &BuildSettings::cell_height)
        .def_rw("agent_height", &BuildSettings::agent_height)
        .def_rw("agent_radius", &BuildSettings::agent_radius)
        .def_rw("agent_climb", &BuildSettings::agent_climb)
        .def_rw("max_slope", &BuildSettings::max_slope)
        .def_rw("min_region_area", &BuildSettings::min_region_area)
        .def_rw("merge_region_area", &BuildSettings::merge_region_area)
        .def_rw("max_edge_length", &BuildSettings::max_edge_length)
        .def_rw("max_edge_error", &BuildSettings::max_edge_error)
        .def_rw("detail_distance", &BuildSettings::detail_distance)
        .def_rw("detail_error", &BuildSettings::detail_error)
        .def_rw("tile_size", &BuildSettings::tile_size);

    const std::pair<float, float> reach{1.0f, 2.0f};
    nb::class_<NavMesh>(module, "NavMesh")
        .def_static("build", &build, "vertices"_a, "triangles"_a, "areas"_a, "settings"_a, "bounds"_a,
                    "include"_a = nb::list(), "holes"_a = nb::list(), "paints"_a = nb::list())
        .def_static("load", [](const nb::bytes& data) { return load(data.c_str(), data.size()); }, "data"_a)
        .def("save",
             [](const NavMesh& mesh) {
                 const std::string bytes = save(mesh);
                 return nb::bytes(bytes.data(), bytes.size());
             })
        .def_prop_ro("polygon_count", &NavMesh::polygonCount)
        .def_prop_ro("tile_count", [](const NavMesh& mesh) { return mesh.built().tiles.size(); })
        .def("surface", &surfaceArrays)
        .def("keep_components", &NavMesh::keepComponents, "components"_a)
        .def("nearest", &nearestArrays, "points"_a, "reach"_a, "areas"_a = kAllAreas)
        .def("paths", &pathArrays, "starts"_a, "ends"_a, "reach"_a = reach, "areas"_a = kAllAreas,
             "costs"_a = nb::none())
        .def("raycast", &raycastArray, "starts"_a, "ends"_a, "reach"_a = reach, "areas"_a = kAllAreas)
        .def("distance_to_wall", &wallDistanceArray, "points"_a, "limit"_a, "reach"_a = reach, "areas"_a = kAllAreas)
        .def("move_along_surface", &moveArray, "starts"_a, "ends"_a, "reach"_a = reach, "areas"_a = kAllAreas)
        .def("random_points", &randomPointArray, "uniforms"_a, "areas"_a = kAllAreas)
        .def("random_points_around", &randomPointAroundArray, "centre"_a, "radius"_a, "count"_a, "seed"_a,
             "reach"_a = 2.0f, "areas"_a = kAllAreas);
}
