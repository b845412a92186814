include(host_headers)
naru_find_headers(nlohmann_json nlohmann_json::nlohmann_json nlohmann)
