target_sources(naru_objects PRIVATE
  "${CMAKE_CURRENT_LIST_DIR}/close_reason.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/connection.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/endpoint.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/error.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/framing.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/group.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/host_port.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/log.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/message.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/network.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/timer.cpp")
