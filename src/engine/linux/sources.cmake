target_sources(naru_objects PRIVATE
  "${CMAKE_CURRENT_LIST_DIR}/accept_reserve.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/linux_platform.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/resolve.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/select.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/socket_address.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/socket_options.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/epoll/epoll_acceptor.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/epoll/epoll_engine.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/epoll/epoll_loop.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/epoll/epoll_stream.cpp")
