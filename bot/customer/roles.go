package customer

// ServiceSupportAdministrator is the role to ask a customer for: the least one that may
// file requests (T2).
const ServiceSupportAdministrator = "f023fd81-a637-4b56-95fd-791ac0226033"

// role is one of Microsoft's built-in roles.
type role struct {
	name string
	// files says whether its actions include all of microsoft.office365.supportTickets.
	files bool
}

// roles are Microsoft's built-in roles by the id of their template, as its reference of
// roles had them on 2026-11-27. One that is missing here counts as one that may not file.
var roles = map[string]role{
	ServiceSupportAdministrator:            {"Service Support Administrator", true},
	"62e90394-69f5-4237-9190-012177145e10": {"Global Administrator", true},
	"729827e3-9c14-49f7-bb1b-9608f156bbb8": {"Helpdesk Administrator", true},
	"fe930be7-5e62-47db-91af-98c3a49a38b1": {"User Administrator", true},
	"29232cdf-9323-42fd-ade2-1d097af3e4de": {"Exchange Administrator", true},
	"f28a1f50-f6e7-4571-818b-6a12f2af6b6c": {"SharePoint Administrator", true},
	"69091246-20e8-4a56-aa4d-066075b2a7a8": {"Teams Administrator", true},
	"3a2c62db-5318-420d-8d74-23affee5d9d5": {"Intune Administrator", true},
	"44367163-eba1-44c3-98af-f5787879f96a": {"Dynamics 365 Administrator", true},
	"11648597-926c-4cf3-9c36-bcebb0ba8dcc": {"Power Platform Administrator", true},
	"fdd7a751-b60b-444a-984c-02652fe8fa1c": {"Groups Administrator", true},
	"2b745bdf-0803-4d80-aa65-822c4493daac": {"Office Apps Administrator", true},
	"a9ea8996-122f-4c74-9520-8edcd192826c": {"Fabric Administrator", true},
	"17315797-102d-40b4-93e0-432062caca18": {"Compliance Administrator", true},
	"7be44c8a-adaf-4e2a-84d6-ab2649e08a13": {"Privileged Authentication Administrator", true},
	"b0f54661-2d74-4c50-afa3-1ec803f12efe": {"Billing Administrator", true},
	"9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": {"Application Administrator", true},
	"0964bb5e-9bdb-4d7b-ac29-58e794862a40": {"Search Administrator", true},

	"f2ef992c-3afb-46b9-b7cf-a126ee74c451": {"Global Reader", false},
	"4d6ac14f-3453-41d0-bef9-a3e0c569773a": {"License Administrator", false},
	"88d8e3e3-8f55-4a1e-953a-9b9898b8876b": {"Directory Readers", false},
	"9360feb5-f418-4baa-8175-e2a00bac4301": {"Directory Writers", false},
	"e8611ab8-c189-46e8-94e1-60213ab1f814": {"Privileged Role Administrator", false},
	"194ae4cb-b126-40b2-bd5b-6091b380977d": {"Security Administrator", false},
	"4a5d8f65-41da-4de4-8968-e035b65339cf": {"Reports Reader", false},
}

// RoleName is what Microsoft calls a role, by the id of its template; the id itself where
// the role is not known.
func RoleName(id string) string {
	if r, known := roles[id]; known {
		return r.name
	}
	return id
}

// RoleFiles says whether a role may file requests for Microsoft 365 and Dynamics 365 (T2).
func RoleFiles(id string) bool { return roles[id].files }
