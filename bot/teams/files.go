package teams

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Files of the bot go through the person: a message offers one, the person lets it into
// their OneDrive, Teams names an address, and the bot puts the bytes there. That works in
// personal chats only, and not in GCC High and DoD (Microsoft’s “Send and receive files” for
// bots).

const (
	consentType  = "application/vnd.microsoft.teams.card.file.consent"
	fileInfoType = "application/vnd.microsoft.teams.card.file.info"
)

// InvokeFileConsent says that somebody took or declined a file that was offered.
const InvokeFileConsent = "fileConsent/invoke"

// FileOffer asks for the consent to a file. Context comes back with the answer, and can be
// forged.
type FileOffer struct {
	Name        string
	Description string
	Size        int // in bytes
	Context     any
}

func (f FileOffer) attachment() outgoingCard {
	return outgoingCard{ContentType: consentType, Name: f.Name, Content: struct {
		Description    string `json:"description"`
		SizeInBytes    int    `json:"sizeInBytes"`
		AcceptContext  any    `json:"acceptContext"`
		DeclineContext any    `json:"declineContext"`
	}{f.Description, f.Size, f.Context, f.Context}}
}

// StoredFile is a file that the bot put where Teams told it to.
type StoredFile struct {
	Name       string
	ContentURL string // opens it
	UniqueID   string
	FileType   string // its ending, without the dot
}

func (f StoredFile) attachment() outgoingCard {
	return outgoingCard{ContentType: fileInfoType, Name: f.Name, ContentURL: f.ContentURL, Content: struct {
		UniqueID string `json:"uniqueId"`
		FileType string `json:"fileType"`
	}{f.UniqueID, f.FileType}}
}

// FileConsent is the answer to a FileOffer. Where it is Accepted, UploadURL takes the
// bytes, once, and File is what can be shown afterwards.
type FileConsent struct {
	Accepted  bool
	Context   Values
	UploadURL string
	File      StoredFile
	MessageID string // the message with the offer
}

// FileConsent reads a fileConsent/invoke. The error is ErrForged.
func (a *Activity) FileConsent() (FileConsent, error) {
	f, err := a.valueFields()
	if err != nil {
		return FileConsent{}, err
	}
	c := FileConsent{MessageID: a.ReplyToID, Accepted: f.text("action") == "accept"}
	if c.Context, err = values(f["context"]); err != nil || f.text("type") != "fileUpload" {
		return c, fmt.Errorf("%w: no consent to a file", ErrForged)
	}
	if !c.Accepted {
		return c, nil
	}
	var to fields
	if to, err = takeApart(f["uploadInfo"]); err != nil {
		return c, fmt.Errorf("%w: uploadInfo: %w", ErrForged, err)
	}
	c.UploadURL = to.text("uploadUrl")
	c.File = StoredFile{Name: to.text("name"), ContentURL: to.text("contentUrl"), UniqueID: to.text("uniqueId"), FileType: to.text("fileType")}
	if c.UploadURL == "" || c.File.ContentURL == "" || c.File.UniqueID == "" {
		return c, fmt.Errorf("%w: uploadInfo lacks an address", ErrForged)
	}
	return c, nil
}

// storage are the domains below which OneDrive and SharePoint give out addresses for
// uploads, in the clouds that have Files.
var storage = []string{".sharepoint.com"}

// AllowedUpload tells whether the bot may put a file at an address that an activity names.
// The address holds the right to write there, so no token goes along; the error names no
// part of it.
func (h Hosts) AllowedUpload(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || u.User != nil || u.Fragment != "" {
		return errors.New("the address for the file cannot be used")
	}
	host := strings.ToLower(u.Host)
	for _, trusted := range h.trusted {
		if host == trusted && (u.Scheme == "https" || IsLoopback(u.Hostname())) {
			return nil
		}
	}
	for _, domain := range storage {
		if name, below := strings.CutSuffix(strings.TrimSuffix(host, ":443"), domain); below && name != "" && u.Scheme == "https" {
			return nil
		}
	}
	return errors.New("the address for the file is not one of OneDrive or SharePoint")
}

// Upload puts a file where a consent says, whole and once. Errors name no part of the
// address, which is a secret.
func (c *Connector) Upload(ctx context.Context, address string, content []byte) error {
	if err := c.Hosts.AllowedUpload(address); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(content))
	if err != nil {
		return errors.New("upload: the address for the file cannot be used")
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	r.Header.Set("Content-Range", "bytes 0-"+strconv.Itoa(len(content)-1)+"/"+strconv.Itoa(len(content)))
	answer, err := httpClient(c.Client).Do(r)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) {
			err = at.Err // the rest is the address
		}
		return fmt.Errorf("upload: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("upload: answered with %d", answer.StatusCode)
	}
	return nil
}
