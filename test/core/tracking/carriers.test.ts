import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { carrierFamilies } from '../../../src/core/model/shipment.ts'
import { carrierOf } from '../../../src/core/tracking/carriers.ts'

const UPS = '1Z999AA10123456784'
const USPS = '9400111899223100001234'

describe("ShipStation's carrier", () => {
  it.each([
    ['stamps_com', 'usps_priority_mail', 'usps'],
    ['usps', undefined, 'usps'],
    ['endicia', undefined, 'usps'],
    ['express_1', undefined, 'usps'],
    ['ups', 'ups_ground', 'ups'],
    ['ups_walleted', 'ups_ground_saver', 'ups'],
    ['ups', 'ups_mail_innovations', 'ups_mail_innovations'],
    ['ups_walleted', 'ups_walleted_mail_innovations', 'ups_mail_innovations'],
    ['ups', 'ups_mi_expedited', 'ups_mail_innovations'],
    ['fedex', 'fedex_home_delivery', 'fedex'],
    ['fedex', 'fedex_smartpost_parcel_select', 'fedex_smartpost'],
    ['fedex', 'fedex_ground_economy', 'fedex_smartpost'],
    ['dhl_express', undefined, 'dhl_express'],
    ['dhl_express_worldwide', undefined, 'dhl_express'],
    ['dhl_ecommerce', undefined, 'dhl_ecommerce'],
    ['dhl_global_mail', undefined, 'dhl_ecommerce'],
    ['ontrac', undefined, 'ontrac'],
    ['on_trac', undefined, 'ontrac'],
    ['lasership', undefined, 'lasership'],
    ['amazon_shipping_uk', undefined, 'amazon_shipping'],
    ['royal_mail', undefined, 'royal_mail'],
    ['canada_post', undefined, 'canada_post'],
    ['purolator_canada', undefined, 'purolator'],
    ['australia_post', undefined, 'australia_post'],
    ['asendia', undefined, 'asendia'],
    ['sendle', undefined, 'sendle'],
    ['seko', undefined, 'seko'],
    ['globalpost', undefined, 'globalpost'],
    ['apc', undefined, 'apc'],
    ['dpd', undefined, 'dpd'],
  ] as const)('%s with service %s is %s', (carrierCode, serviceCode, family) => {
    const facts = { carrierCode, trackingNumber: 'X1', ...(serviceCode === undefined ? {} : { serviceCode }) }
    expect(carrierOf(facts)).toMatchObject({ code: carrierCode, family })
  })

  it.each([
    ['USPS', 'usps'],
    ['U.S. Postal Service', 'usps'],
    ['United States Postal Service®', 'usps'],
    ['UPS® Ground', 'ups'],
    ['UPS Mail Innovations', 'ups_mail_innovations'],
    ['United Parcel Service', 'ups'],
    ['FedEx Home Delivery', 'fedex'],
    ['Fed Ex', 'fedex'],
    ['FedEx Ground® Economy', 'fedex_smartpost'],
    ['DHL', 'dhl_express'],
    ['DHL eCommerce', 'dhl_ecommerce'],
    ['OnTrac', 'ontrac'],
    ['Royal Mail', 'royal_mail'],
    ['Postes Canada', 'canada_post'],
    ['AusPost', 'australia_post'],
    ['Amazon Logistics', 'amazon_shipping'],
  ])('written as text, %s is %s', (carrierCode, family) => {
    expect(carrierOf({ carrierCode, trackingNumber: '' }).family).toBe(family)
  })

  it.each([
    ['amazon_buy_shipping', 'ups_ground', 'TBA1', 'ups'],
    ['amazon_buy_shipping', 'usps_ground_advantage', UPS, 'usps'],
    ['amazon_buy_shipping', 'fedex_2day', '', 'fedex'],
    ['amazon_buy_shipping', 'standard', 'TBA123456789000', 'amazon_shipping'],
    ['amazon_buy_shipping', undefined, '1z 999 AA1 0123 4567 84', 'ups'],
    ['amazon_buy_shipping', undefined, USPS, 'usps'],
    ['amazon_buy_shipping', undefined, '123', 'other'],
    ['Amazon Buy Shipping', undefined, UPS, 'ups'],
    ['', undefined, USPS, 'usps'],
    ['Other', undefined, UPS, 'ups'],
    ['', undefined, '1Z999AA1012345678', 'other'],
    ['', undefined, '94001118992231000012x', 'other'],
  ] as const)('%j with service %s and tracking %s is %s', (carrierCode, serviceCode, trackingNumber, family) => {
    expect(carrierOf({ carrierCode, trackingNumber, ...(serviceCode === undefined ? {} : { serviceCode }) }).family).toBe(family)
  })

  it.each([
    ['better_trucks', 'Better Trucks'],
    ['Jitsu  Delivery', 'Jitsu  Delivery'],
    ['groups_parcel', 'Groups Parcel'],
    ['', 'Other'],
    ['amazon_buy_shipping', 'Other'],
    ['constructor', 'Constructor'],
    ['Evil\u001b[31m\nCo', 'Evil [31m Co'],
  ])('%j is no known family and is shown as %j', (carrierCode, name) => {
    expect(carrierOf({ carrierCode, trackingNumber: UPS.slice(2) })).toEqual({ code: carrierCode, name, family: 'other' })
  })

  it('of an account with its own code is what the configuration says', () => {
    const overrides = { our_regional: 'ontrac', ups: 'fedex' } as const
    expect(carrierOf({ carrierCode: 'our_regional', trackingNumber: '' }, overrides)).toEqual({
      code: 'our_regional',
      name: 'OnTrac',
      family: 'ontrac',
    })
    expect(carrierOf({ carrierCode: 'ups', trackingNumber: '' }, overrides).family).toBe('fedex')
  })

  it('always has a family and a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.string(), (carrierCode, serviceCode, trackingNumber) => {
        const carrier = carrierOf({ carrierCode, serviceCode, trackingNumber })
        expect([...carrierFamilies, 'other']).toContain(carrier.family)
        expect(carrier.name).not.toBe('')
      }),
    )
  })
})
