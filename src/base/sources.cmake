target_sources(naru_objects PRIVATE
  "${CMAKE_CURRENT_LIST_DIR}/block_pool.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/ip_text.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/timer_wheel.cpp")
