# naru_find_headers(<package> <target> <folder of /usr/include>...)
#
# Finds a package that is headers alone, and makes its imported target. The compiler must not see /usr/include itself,
# with the headers of Linux in it, so that these folders alone are shown to it.
include(FindPackageHandleStandardArgs)

macro(naru_find_headers package target)
  set(${package}_HEADERS "${CMAKE_BINARY_DIR}/host_headers")
  file(MAKE_DIRECTORY "${${package}_HEADERS}")
  foreach(folder IN ITEMS ${ARGN})
    if(IS_DIRECTORY "/usr/include/${folder}")
      file(CREATE_LINK "/usr/include/${folder}" "${CMAKE_BINARY_DIR}/host_headers/${folder}" SYMBOLIC)
    else()
      set(${package}_HEADERS "${package}_HEADERS-NOTFOUND")
    endif()
  endforeach()
  find_package_handle_standard_args(${package} REQUIRED_VARS ${package}_HEADERS)
  if(${package}_FOUND AND NOT TARGET ${target})
    add_library(${target} INTERFACE IMPORTED)
    target_include_directories(${target} SYSTEM INTERFACE "${${package}_HEADERS}")
  endif()
endmacro()
