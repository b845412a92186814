target_sources(naru_objects PRIVATE
  "${CMAKE_CURRENT_LIST_DIR}/assembler.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/codec.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/cut.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/frame_rules.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/held_bytes.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/peer_hash.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/wrap.cpp")
