"""What clients reach first: CDN, web ACL, REST API."""
