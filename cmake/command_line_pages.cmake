# The manual page and the completion of each program, which it prints itself, where they are
# installed from: generated/share.
set(share ${PROJECT_BINARY_DIR}/generated/share)
file(MAKE_DIRECTORY ${share}/man/man1 ${share}/bash-completion/completions
  ${share}/zsh/site-functions ${share}/fish/vendor_completions.d)

function(laggard_pages target name manual completion)
  set(man ${share}/man/man1/${name}.1)
  set(bash ${share}/bash-completion/completions/${name})
  set(zsh ${share}/zsh/site-functions/_${name})
  set(fish ${share}/fish/vendor_completions.d/${name}.fish)
  add_custom_command(OUTPUT ${man} ${bash} ${zsh} ${fish} VERBATIM
    COMMAND ${target} ${manual} > ${man}
    COMMAND ${target} ${completion} bash > ${bash}
    COMMAND ${target} ${completion} zsh > ${zsh}
    COMMAND ${target} ${completion} fish > ${fish}
    DEPENDS ${target})
  add_custom_target(${name}_pages ALL DEPENDS ${man} ${bash} ${zsh} ${fish})
endfunction()

laggard_pages(runner runner manual completion)
laggard_pages(worker laggard-worker --manual --completion)
laggard_pages(local-lambda local-lambda --manual --completion)
