// Package incident is what Microsoft says about faults of its own services, as the partner's
// own tenant sees it (E2, E12). What a customer's tenant sees may differ, so whatever shows an
// incident says whose view it is.
package incident
