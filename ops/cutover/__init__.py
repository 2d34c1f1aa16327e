"""``ops cutover``: one host name, from the old host to the API, in stages at Cloudflare."""
