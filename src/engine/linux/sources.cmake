target_sources(naru_objects PRIVATE)
