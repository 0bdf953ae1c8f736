package plaintext_test

import (
	"strings"
	"testing"
	"unicode"

	"onbehalf/bot/plaintext"
)

var teamsHTML = plaintext.HTML{Picture: "[picture]", Attached: func(id string) string {
	return map[string]string{"fwd": "> Otto: It is down\n> since nine"}[id]
}}

func TestHTMLReadsAsPeopleSeeIt(t *testing.T) {
	for name, c := range map[string]struct{ html, want string }{
		"words":              {`<div>Our <b>VPN</b> is&nbsp;down since 8:40 &amp; slow</div>`, "Our VPN is down since 8:40 & slow"},
		"paragraphs":         {"<p>One</p>\n<p>&nbsp;</p>\n<p>Two<br>Three</p>", "One\nTwo\nThree"},
		"a blank line":       {`One<br><br><br>Two`, "One\n\nTwo"},
		"code":               {`<p>It says</p><codeblock class="Go"><code>if x {<br>    return "a  b"<br>}</code></codeblock><p>and ends</p>`, "It says\nif x {\n    return \"a  b\"\n}\nand ends"},
		"pre":                {"<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"},
		"inline code":        {`Type <code>ls -l</code> there`, "Type ls -l there"},
		"a list":             {`<ul><li>One</li><li>Two<ul><li>Below<br>it</li></ul></li></ul><p>End</p>`, "- One\n- Two\n  - Below\n    it\nEnd"},
		"a numbered list":    {`<ol start="3"><li><p>Three</p></li> <li>Four</li></ol>`, "3. Three\n4. Four"},
		"a table":            {`<table><tr><th>Who</th><th>When</th></tr><tr><td><p>Ines</p><p>Kowal</p></td><td>9:00</td></tr></table>x`, "Who | When\nInes Kowal | 9:00\nx"},
		"a picture":          {`Look <img alt="image" src="x"> and <img alt="The error" src="y">`, "Look [picture] and [The error]"},
		"a smile":            {`Thanks <emoji id="smile" alt="🙂" title="Smile"></emoji> <img itemtype="http://schema.skype.com/Emoji" alt="👍">`, "Thanks 🙂 👍"},
		"a mention":          {`<p><at id="0">Onbehalf</at> and <at id="1">Ines Kowal</at>: down</p>`, "@Onbehalf and @Ines Kowal: down"},
		"a quotation":        {`<blockquote itemtype="http://schema.skype.com/Reply"><p>It is down</p><p>again</p></blockquote><p>Yes</p>`, "> It is down\n> again\nYes"},
		"a forwarded one":    {`<p>See</p><attachment id="fwd"></attachment><attachment id="other"></attachment>`, "See\n> Otto: It is down\n> since nine"},
		"a link":             {`<a href="https://status.example/x">the page</a>, <a href="https://a.example/">https://a.example</a>, <a href="javascript:x()">no</a>`, "the page (https://status.example/x), https://a.example, no"},
		"scripts":            {`<p>Before</p><script>alert("x")</script><style>p{}</style><!-- secret --><template>t</template><p>after</p>`, "Before\nafter"},
		"hidden":             {`a<span style="display: none">1</span><span hidden>2</span><span style="FONT-SIZE:0px">3</span><span style="opacity:0.0">4</span><b style="visibility:hidden!important">5</b><i style="font-size:10px">b</i>`, "ab"},
		"an odd style":       {`<b style="display">a</b><b style=";;:none">b</b>`, "ab"},
		"not closed":         {`<div><b>a<p>b`, "a\nb"},
		"no HTML":            {`a < b && c > d`, "a < b && c > d"},
		"nothing":            {``, ""},
		"nothing to see":     {`<p>&nbsp;</p><div></div><br>`, ""},
		"an event":           {`<systemEventMessage/>`, ""},
		"controls":           {"a\x00b\u0007c\u2028d", "abc d"},
		"rows without table": {`<td>a</td><td>b</td>`, "ab"},
	} {
		if got := teamsHTML.Text(c.html); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", name, got, c.want)
		}
	}
}

// TestHTMLOfAnyDepthAndSize is what nobody writes, and somebody may send.
func TestHTMLOfAnyDepthAndSize(t *testing.T) {
	deep := strings.Repeat("<div><ul><li>", 3000) + "words<script>no</script>"
	if got := teamsHTML.Text(deep); !strings.Contains(got, "words") || strings.Contains(got, "no") {
		t.Errorf("%.80q", got)
	}
	long := teamsHTML.Text(strings.Repeat("<p>Twenty-eight kilobytes.</p>", 8000))
	if n := strings.Count(long, "\n"); n != 7999 {
		t.Errorf("%d line breaks", n)
	}
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{`<p>a</p>`, `<ul><li>x<pre> y`, `<table><tr><td>a<td hidden>b`, `<attachment id="fwd">`, `<script>secret`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := teamsHTML.Text(s)
		for _, r := range got {
			if unicode.IsControl(r) && r != '\n' && r != '\t' {
				t.Errorf("%q gives the control %q", s, r)
			}
		}
		if got != plaintext.Lines(got) {
			t.Errorf("%q is not clean: %q", s, got)
		}
	})
}
