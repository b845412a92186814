# naru_host_headers(<target> <folder of /usr/include>...)
#
# Makes an imported target of libraries that are headers alone. The compiler must not see /usr/include itself, with the
# headers of Linux in it, so that these folders alone are shown to it.
function(naru_host_headers target)
  set(shown "${CMAKE_BINARY_DIR}/host_headers")
  file(MAKE_DIRECTORY "${shown}")
  foreach(folder IN LISTS ARGN)
    if(NOT IS_DIRECTORY "/usr/include/${folder}")
      return()
    endif()
    file(CREATE_LINK "/usr/include/${folder}" "${shown}/${folder}" SYMBOLIC)
  endforeach()
  add_library(${target} INTERFACE IMPORTED)
  target_include_directories(${target} SYSTEM INTERFACE "${shown}")
endfunction()
