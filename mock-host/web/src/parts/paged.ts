// A list of the host that may be long: the newest first, more on demand.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { http, type List } from "../api/http";

export function usePaged<Item>(key: unknown[], path: string, limit = 50) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => http.get<List<Item>>(`${path}${path.includes("?") ? "&" : "?"}limit=${limit}${pageParam === null ? "" : `&after=${encodeURIComponent(pageParam)}`}`),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  return { ...query, items: query.data?.pages.flatMap((page) => page.items) ?? [] };
}
