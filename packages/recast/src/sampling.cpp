#include "sampling.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <DetourCommon.h>

namespace agent_nav {
namespace {

constexpr int kTriesPerPoint = 64;
constexpr int kDiscSides = 16;

// SplitMix64 (Steele, Lea, Flood 2014): the whole state is the seed.
class Uniform {
public:
    explicit Uniform(std::uint64_t seed) : state_(seed) {}

    double next() {  // [0, 1)
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15ull;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
    }

private:
    std::uint64_t state_;
};

std::size_t pick(const std::vector<double>& cumulative, double uniform) {
    const double x = uniform * cumulative.back();
    const auto found = std::upper_bound(cumulative.begin(), cumulative.end(), x);
    return std::min(static_cast<std::size_t>(found - cumulative.begin()), cumulative.size() - 1);
}

// An even spread over a triangle: the square root undoes the crowding at the first corner.
Vec3 pointInTriangle(const Vec3& a, const Vec3& b, const Vec3& c, double r1, double r2) {
    const double root = std::sqrt(r1);
    const double wa = 1.0 - root, wb = root * (1.0 - r2), wc = root * r2;
    Vec3 point;
    for (int axis = 0; axis < 3; ++axis) point[axis] = static_cast<float>(wa * a[axis] + wb * b[axis] + wc * c[axis]);
    return point;
}

double area(const Vec3& a, const Vec3& b, const Vec3& c) {
    const double ux = b[0] - a[0], uy = b[1] - a[1], uz = b[2] - a[2];
    const double vx = c[0] - a[0], vy = c[1] - a[1], vz = c[2] - a[2];
    return 0.5 * std::hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx);
}

// Cuts a polygon down to a regular polygon around the disc (Sutherland and Hodgman 1974), seen from above.
std::vector<Vec3> clipToDisc(const SurfaceTriangle& triangle, const Vec3& centre, float radius) {
    std::vector<Vec3> polygon(triangle.corners, triangle.corners + 3), kept;
    for (int side = 0; side < kDiscSides && !polygon.empty(); ++side) {
        const float angle = 6.2831853f * static_cast<float>(side) / kDiscSides;
        const float nx = std::cos(angle), nz = std::sin(angle);
        const auto outside = [&](const Vec3& p) { return (p[0] - centre[0]) * nx + (p[2] - centre[2]) * nz - radius; };
        kept.clear();
        for (std::size_t i = 0; i < polygon.size(); ++i) {
            const Vec3 &p = polygon[i], &q = polygon[(i + 1) % polygon.size()];
            const float dp = outside(p), dq = outside(q);
            if (dp <= 0.0f) kept.push_back(p);
            if ((dp <= 0.0f) != (dq <= 0.0f)) {
                Vec3 cut;
                dtVlerp(cut.data(), p.data(), q.data(), dp / (dp - dq));
                kept.push_back(cut);
            }
        }
        polygon.swap(kept);
    }
    return polygon;
}

bool overlapsDisc(const SurfaceTriangle& triangle, const Vec3& centre, float radius) {
    for (const int axis : {0, 2}) {
        const auto [low, high] =
            std::minmax({triangle.corners[0][axis], triangle.corners[1][axis], triangle.corners[2][axis]});
        if (low > centre[axis] + radius || high < centre[axis] - radius) return false;
    }
    return true;
}

struct Nearest {
    dtPolyRef polygon = 0;
    Vec3 point{};
};

Nearest locate(const View& view, const float* point, float reach) {
    const View::Lease query(view);
    const dtQueryFilter filter = viewFilter();
    const Vec3 centre = toRecast(point), extents{reach, reach, reach};
    Nearest found;
    query->findNearestPoly(centre.data(), extents.data(), &filter, &found.polygon, found.point.data());
    return found;
}

}  // namespace

std::vector<float> randomPoints(const View& view, const double* uniforms, std::size_t count) {
    if (view.surface().empty()) throw std::invalid_argument("there is no surface in these areas");
    std::vector<float> points(3 * count);
    for (std::size_t i = 0; i < count; ++i) {
        const SurfaceTriangle& triangle = view.surface()[pick(view.cumulativeArea(), uniforms[3 * i])];
        const Vec3 point = pointInTriangle(triangle.corners[0], triangle.corners[1], triangle.corners[2],
                                           uniforms[3 * i + 1], uniforms[3 * i + 2]);
        fromRecast(point.data(), &points[3 * i]);
    }
    return points;
}

std::vector<float> randomPointsAround(const View& whole, const View& view, const float* centre, float radius,
                                      std::size_t count, std::uint64_t seed, float reach) {
    const Nearest origin = locate(whole, centre, reach);
    if (!origin.polygon) return {};
    const std::int32_t reachable_in_view = view.component(origin.polygon);
    const std::int32_t reachable_at_all = whole.component(origin.polygon);
    const auto reachable = [&](const SurfaceTriangle& triangle) {
        return reachable_in_view >= 0 ? triangle.component == reachable_in_view
                                      : whole.component(triangle.polygon) == reachable_at_all;
    };

    std::vector<std::array<Vec3, 3>> pieces;
    std::vector<double> cumulative;
    double total = 0.0;
    for (const SurfaceTriangle& triangle : view.surface()) {
        if (!overlapsDisc(triangle, origin.point, radius) || !reachable(triangle)) continue;
        const std::vector<Vec3> polygon = clipToDisc(triangle, origin.point, radius);
        for (std::size_t corner = 2; corner < polygon.size(); ++corner) {
            const double size = area(polygon[0], polygon[corner - 1], polygon[corner]);
            if (size <= 0.0) continue;
            cumulative.push_back(total += size);
            pieces.push_back({polygon[0], polygon[corner - 1], polygon[corner]});
        }
    }
    if (pieces.empty()) return {};

    Uniform uniform(seed);
    std::vector<float> points;
    points.reserve(3 * count);
    for (std::size_t tries = count * kTriesPerPoint; tries > 0 && points.size() < 3 * count; --tries) {
        const auto& piece = pieces[pick(cumulative, uniform.next())];
        const double r1 = uniform.next(), r2 = uniform.next();
        const Vec3 point = pointInTriangle(piece[0], piece[1], piece[2], r1, r2);
        if (dtVdistSqr(point.data(), origin.point.data()) > radius * radius) continue;
        float out[3];
        fromRecast(point.data(), out);
        points.insert(points.end(), out, out + 3);
    }
    return points;
}

}  // namespace agent_nav
