include(host_headers)
naru_find_headers(CLI11 CLI11::CLI11 CLI)
