#include "queries.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <DetourCommon.h>

namespace agent_nav {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr int kMaxStraightCorners = 8192;
constexpr int kMaxVisited = 64;

// A point on the surface; no polygon where there is none within reach.
struct Location {
    dtPolyRef polygon = 0;
    Vec3 point{kNaN, kNaN, kNaN};
};

Location locate(const dtNavMeshQuery& query, const dtQueryFilter& filter, const float* point, Reach reach) {
    const Vec3 centre = toRecast(point);
    const Vec3 extents{reach.horizontal, reach.vertical, reach.horizontal};
    Location found;
    Vec3 nearest;
    query.findNearestPoly(centre.data(), extents.data(), &filter, &found.polygon, nearest.data());
    if (found.polygon) found.point = nearest;
    return found;
}

}  // namespace

NearestResult nearest(const View& view, const float* points, std::size_t count, float reach) {
    const View::Lease query(view);
    const dtQueryFilter filter = viewFilter();
    NearestResult result{std::vector<float>(3 * count, kNaN), std::vector<std::int32_t>(count, -1)};
    for (std::size_t i = 0; i < count; ++i) {
        const Location found = locate(*query, filter, points + 3 * i, {reach, reach});
        if (!found.polygon) continue;
        if (dtVdistSqr(found.point.data(), toRecast(points + 3 * i).data()) > reach * reach) continue;
        fromRecast(found.point.data(), &result.points[3 * i]);
        unsigned char area = 0;
        view.mesh().getPolyArea(found.polygon, &area);
        result.areas[i] = area;
    }
    return result;
}

PathsResult paths(const View& view, const float* starts, const float* ends, std::size_t count, Reach reach,
                  const float* area_costs) {
    const View::Lease query(view);
    dtQueryFilter filter = viewFilter();
    if (area_costs) {
        for (int area = 0; area < DT_MAX_AREAS; ++area) filter.setAreaCost(area, area_costs[area]);
    }
    PathsResult result;
    result.status.assign(count, kNoPath);
    result.offsets.reserve(count + 1);
    result.offsets.push_back(0);
    std::vector<dtPolyRef> corridor(static_cast<std::size_t>(query.nodeLimit()));
    std::vector<float> corners(3 * kMaxStraightCorners);
    for (std::size_t i = 0; i < count; ++i) {
        const Location start = locate(*query, filter, starts + 3 * i, reach);
        const Location end = locate(*query, filter, ends + 3 * i, reach);
        int length = 0;
        if (start.polygon && end.polygon) {
            query->findPath(start.polygon, end.polygon, start.point.data(), end.point.data(), &filter, corridor.data(),
                            &length, static_cast<int>(corridor.size()));
        }
        if (length > 0) {
            const dtPolyRef last = corridor[static_cast<std::size_t>(length - 1)];
            const bool complete = last == end.polygon;
            Vec3 target = end.point;
            if (!complete) query->closestPointOnPoly(last, end.point.data(), target.data(), nullptr);
            int corner_count = 0;
            query->findStraightPath(start.point.data(), target.data(), corridor.data(), length, corners.data(), nullptr,
                                    nullptr, &corner_count, kMaxStraightCorners);
            result.status[i] = complete ? kComplete : kPartial;
            for (int c = 0; c < corner_count; ++c) {
                float corner[3];
                fromRecast(&corners[3 * static_cast<std::size_t>(c)], corner);
                result.points.insert(result.points.end(), corner, corner + 3);
            }
        }
        result.offsets.push_back(static_cast<std::int64_t>(result.points.size() / 3));
    }
    return result;
}

std::vector<float> raycast(const View& view, const float* starts, const float* ends, std::size_t count, Reach reach) {
    const View::Lease query(view);
    const dtQueryFilter filter = viewFilter();
    std::vector<float> free(count, 0.0f);
    for (std::size_t i = 0; i < count; ++i) {
        const Location start = locate(*query, filter, starts + 3 * i, reach);
        if (!start.polygon) continue;
        float hit = 0.0f, normal[3];
        const Vec3 end = toRecast(ends + 3 * i);
        // Detour says FLT_MAX for a walk that meets no wall.
        query->raycast(start.polygon, start.point.data(), end.data(), &filter, &hit, normal, nullptr, nullptr, 0);
        free[i] = std::clamp(hit, 0.0f, 1.0f);
    }
    return free;
}

std::vector<float> distanceToWall(const View& view, const float* points, std::size_t count, float limit, Reach reach) {
    const View::Lease query(view);
    const dtQueryFilter filter = viewFilter();
    std::vector<float> distances(count, 0.0f);
    for (std::size_t i = 0; i < count; ++i) {
        const Location found = locate(*query, filter, points + 3 * i, reach);
        if (!found.polygon) continue;
        float hit[3], normal[3];
        query->findDistanceToWall(found.polygon, found.point.data(), limit, &filter, &distances[i], hit, normal);
    }
    return distances;
}

std::vector<float> moveAlongSurface(const View& view, const float* starts, const float* ends, std::size_t count,
                                    Reach reach) {
    const View::Lease query(view);
    const dtQueryFilter filter = viewFilter();
    std::vector<float> moved(3 * count, kNaN);
    for (std::size_t i = 0; i < count; ++i) {
        const Location start = locate(*query, filter, starts + 3 * i, reach);
        if (!start.polygon) continue;
        Vec3 slid = start.point;
        dtPolyRef visited[kMaxVisited];
        int visited_count = 0;
        const Vec3 end = toRecast(ends + 3 * i);
        query->moveAlongSurface(start.polygon, start.point.data(), end.data(), &filter, slid.data(), visited,
                                &visited_count, kMaxVisited);
        // The slide is flat; the height comes from the polygon it ends on.
        const dtPolyRef last = visited_count > 0 ? visited[visited_count - 1] : start.polygon;
        Vec3 settled = slid;
        query->closestPointOnPoly(last, slid.data(), settled.data(), nullptr);
        fromRecast(settled.data(), &moved[3 * i]);
    }
    return moved;
}

}  // namespace agent_nav
