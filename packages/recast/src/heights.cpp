#include "heights.h"

#include <algorithm>
#include <cmath>

namespace agent_nav {
namespace {

constexpr int kMostCells = 1 << 20;
constexpr float kFinestCell = 0.5f;  // [m]

struct Span {
    float low, high;
};

Span extent(const std::vector<float>& vertices, const int* triangle, int axis) {
    const auto coordinate = [&](int corner) { return vertices[3 * static_cast<std::size_t>(triangle[corner]) + axis]; };
    const auto [low, high] = std::minmax({coordinate(0), coordinate(1), coordinate(2)});
    return {low, high};
}

}  // namespace

FloorHeights::FloorHeights(const BuildSettings& settings, const BuildInput& input, const int* triangles,
                           const std::vector<unsigned char>& walkable)
    : vertices_(input.vertices),
      triangles_(triangles),
      rounding_(settings.cell_height),
      window_(std::max(settings.agent_climb, settings.cell_size) + 2.0f * settings.cell_height) {
    Span xs{INFINITY, -INFINITY}, zs{INFINITY, -INFINITY};
    std::vector<std::uint32_t> floor;
    for (std::size_t t = 0; t < walkable.size(); ++t) {
        if (!walkable[t]) continue;
        const Span x = extent(vertices_, triangles + 3 * t, 0), z = extent(vertices_, triangles + 3 * t, 2);
        if (x.high < input.bounds.lower[0] || x.low > input.bounds.upper[0] || z.high < input.bounds.lower[2] ||
            z.low > input.bounds.upper[2]) {
            continue;
        }
        xs = {std::min(xs.low, x.low), std::max(xs.high, x.high)};
        zs = {std::min(zs.low, z.low), std::max(zs.high, z.high)};
        floor.push_back(static_cast<std::uint32_t>(t));
    }
    offsets_.assign(2, 0);
    if (floor.empty()) return;

    // Floor that reaches beyond the bounds is clamped into the cells at the border.
    xs = {std::max(xs.low, input.bounds.lower[0]), std::min(xs.high, input.bounds.upper[0])};
    zs = {std::max(zs.low, input.bounds.lower[2]), std::min(zs.high, input.bounds.upper[2])};
    origin_x_ = xs.low;
    origin_z_ = zs.low;
    cell_ = std::max(kFinestCell, std::sqrt((xs.high - xs.low) * (zs.high - zs.low) / kMostCells));
    columns_ = static_cast<int>((xs.high - xs.low) / cell_) + 1;
    rows_ = static_cast<int>((zs.high - zs.low) / cell_) + 1;

    const auto forEachCell = [&](std::uint32_t t, auto&& visit) {
        const Span x = extent(vertices_, triangles + 3 * t, 0), z = extent(vertices_, triangles + 3 * t, 2);
        const int column_end = column(x.high), row_end = row(z.high);
        for (int r = row(z.low); r <= row_end; ++r) {
            for (int c = column(x.low); c <= column_end; ++c) visit(static_cast<std::size_t>(r) * columns_ + c);
        }
    };
    offsets_.assign(static_cast<std::size_t>(columns_) * rows_ + 1, 0);
    for (const std::uint32_t t : floor) forEachCell(t, [&](std::size_t cell) { ++offsets_[cell + 1]; });
    for (std::size_t cell = 1; cell < offsets_.size(); ++cell) offsets_[cell] += offsets_[cell - 1];
    members_.resize(offsets_.back());
    std::vector<std::uint32_t> next(offsets_.begin(), offsets_.end() - 1);
    for (const std::uint32_t t : floor) forEachCell(t, [&](std::size_t cell) { members_[next[cell]++] = t; });
}

int FloorHeights::column(float x) const {
    return std::clamp(static_cast<int>(std::floor((x - origin_x_) / cell_)), 0, columns_ - 1);
}

int FloorHeights::row(float z) const {
    return std::clamp(static_cast<int>(std::floor((z - origin_z_) / cell_)), 0, rows_ - 1);
}

float FloorHeights::heightNear(float x, float z, float expected) const {
    const std::size_t cell = static_cast<std::size_t>(row(z)) * columns_ + column(x);
    float best = expected, best_error = window_;
    if (members_.empty()) return best;
    for (std::uint32_t m = offsets_[cell]; m < offsets_[cell + 1]; ++m) {
        const int* corners = triangles_ + 3 * static_cast<std::size_t>(members_[m]);
        const float* a = &vertices_[3 * static_cast<std::size_t>(corners[0])];
        const float* b = &vertices_[3 * static_cast<std::size_t>(corners[1])];
        const float* c = &vertices_[3 * static_cast<std::size_t>(corners[2])];
        // Barycentric coordinates as seen from above; floor is never upright, so the divisor is not 0.
        const double bx = b[0] - a[0], bz = b[2] - a[2], cx = c[0] - a[0], cz = c[2] - a[2];
        const double px = x - a[0], pz = z - a[2], whole = bx * cz - bz * cx;
        if (whole == 0.0) continue;
        const double v = (px * cz - pz * cx) / whole, w = (bx * pz - bz * px) / whole;
        constexpr double kEdge = -1e-4;
        if (v < kEdge || w < kEdge || v + w > 1.0 - kEdge) continue;
        const float height = static_cast<float>(a[1] + v * (b[1] - a[1]) + w * (c[1] - a[1]));
        const float error = std::abs(height - expected);
        if (error < best_error || (error == best_error && height > best)) {
            best = height;
            best_error = error;
        }
    }
    return best;
}

void FloorHeights::settle(float* points, int count) const {
    for (int i = 0; i < count; ++i) {
        float* p = points + 3 * static_cast<std::size_t>(i);
        p[1] = heightNear(p[0], p[2], p[1] - rounding_);
    }
}

}  // namespace agent_nav
