/** One marketplace account, e.g. `amazon-us`. It is the order's `source_marketplace`. */
export type ChannelCode = string
