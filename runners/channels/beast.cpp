// The parts of Beast and of Asio's TLS that are no templates.
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
