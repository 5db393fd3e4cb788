import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { fail, seconds } from './wire.ts'

const OPENED = Date.UTC(2024, 0, 15)

/** A01 (section 1): the shop of the key; 404 for a shop the key does not see. */
export function showAccount(call: Call): SandboxReply {
  const { account, shopId } = call
  if (shopId === undefined) return fail(404, 'Shop not found.')
  let orders = 0
  for (const order of account.orders.values()) if (order.shopId === shopId) orders += 1
  return {
    status: 200,
    body: {
      approval_delay: 3600,
      approval_rate: 1,
      billing_info: {},
      channels: account.channel === undefined ? [] : [account.channel],
      contact_informations: {
        city: 'Testville',
        country: 'USA',
        email: `shop-${shopId}@example.com`,
        firstname: 'Sandbox',
        lastname: 'Seller',
        phone: '555-0100',
        street1: '1 Invented Street',
        zip_code: '00001',
      },
      currency_iso_code: account.currency,
      date_created: seconds(OPENED),
      default_billing_information: {
        default_language: 'en_US',
        id: `00000000-0000-4000-9000-${String(shopId).padStart(12, '0')}`,
        registration_address: { city: 'Testville', country_iso_code: 'USA', street_1: '1 Invented Street', zip_code: '00001' },
      },
      domains: ['PRODUCT'],
      evaluations_count: 0,
      free_shipping: false,
      is_professional: true,
      last_updated_date: seconds(OPENED),
      model: 'MARKETPLACE',
      offers_count: 0,
      orders_count: orders,
      payment_details: { paid_balance: 0, payable_balance: 0, pending_balance: 0 },
      payment_method_mandatory: false,
      premium: false,
      pro_details: {},
      shipping: { lead_time_to_ship: 2 },
      shipping_country: 'USA',
      shipping_types: ['STD'],
      shipping_zones: ['DOM'],
      shippings: [
        {
          additional_fields: [],
          shipping_type_code: 'STD',
          shipping_type_label: 'Standard',
          shipping_zone_code: 'DOM',
          shipping_zone_label: 'Domestic',
        },
      ],
      shop_additional_fields: [],
      shop_id: shopId,
      shop_name: shopId === account.defaultShop ? account.shopName : `${account.shopName} (${shopId})`,
      shop_state: 'OPEN',
    },
  }
}
