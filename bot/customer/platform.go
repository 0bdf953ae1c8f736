package customer

import (
	"strings"

	"onbehalf/bot/plaintext"
)

// Platform is the product family, which decides the branch of the process (R8).
type Platform string

// The platforms of R8 and R22.
const (
	Azure     Platform = "azure"
	Office365 Platform = "office365"
	Dynamics  Platform = "dynamics365"
	EMS       Platform = "ems"
)

var platforms = map[string]Platform{
	"azure": Azure, "office365": Office365, "office": Office365, "o365": Office365, "m365": Office365, "microsoft365": Office365, "365": Office365,
	"dynamics365": Dynamics, "dynamics": Dynamics, "d365": Dynamics, "crm": Dynamics, "ems": EMS, "intune": EMS,
	// The names that Microsoft gave them, then and now.
	"microsoftazure": Azure, "dynamicscrmonline": Dynamics, "microsoftdynamicscrmonline": Dynamics, "microsoftdynamics365": Dynamics,
	"powerplatform": Dynamics, "enterprisemobilitysuite": EMS, "enterprisemobility+security": EMS, "e+s": EMS, "ems(intune)": EMS,
	"ms365": Office365, "microsoftoffice365": Office365, "microsoftintune": EMS,
}

// ParsePlatform reads a platform by its id or by one of the names people use.
func ParsePlatform(s string) (Platform, bool) {
	p, ok := platforms[strings.ReplaceAll(plaintext.Fold(s), " ", "")]
	return p, ok
}
