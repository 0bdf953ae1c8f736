package customer

import (
	"strings"
	"testing"
)

func TestLanguagesAndCountriesAreReadByNameAndCode(t *testing.T) {
	for said, want := range map[string]string{
		"German": "de", "Deutsch": "de", "немецкий": "de", "de_DE": "de-DE", "DE-de": "de-DE", "English": "en", "en-US": "en", "français": "fr", "русский": "ru", "Japanese": "ja",
	} {
		if got, err := ReadLanguage(said); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", said, got, err, want)
		}
	}
	for said, want := range map[string]string{"Germany": "DE", "de": "DE", "DEU": "DE", "Deutschland": "DE", "Германия": "DE", "UK": "GB", "United Kingdom": "GB", "United States": "US"} {
		if got, err := readCountry(said); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", said, got, err, want)
		}
	}
	for said, near := range map[string]string{"Germn": "german (de)", "klingonish": "", "": "", "12": ""} {
		if got, err := ReadLanguage(said); err == nil || !strings.Contains(err.Error(), near) {
			t.Errorf("%s: %s, %v", said, got, err)
		}
	}
	for said, near := range map[string]string{"Germny": "germany (DE)", "": "", "Europe": ""} {
		if got, err := readCountry(said); err == nil || !strings.Contains(err.Error(), near) {
			t.Errorf("%s: %s, %v", said, got, err)
		}
	}
}
