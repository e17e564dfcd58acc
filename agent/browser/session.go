package browser

import (
	"context"
	"net/http"
	"net/url"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"fazt/server/op"
)

// signIn gives the context the driven session of its principal, for the admin
// page's own host only, and denies downloads.
func (r *room) signIn(ctx context.Context, who *op.Principal) error {
	b := r.process.browser
	err := r.process.call(ctx, func(ctx context.Context) error {
		_, err := chromedp.CallBrowser(ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
			Behavior: cdpbrowser.SetDownloadBehaviorBehaviorDeny, BrowserContextID: r.id, EventsEnabled: new(true),
		})
		return err
	})
	if err != nil {
		return browserFailed(err)
	}
	if b.options.Session == nil {
		return nil
	}
	cookie, err := b.options.Session(ctx, who)
	if err != nil {
		return err
	}
	r.session = cookie.Value
	param, err := cookieFor(b.options.BaseURL(), cookie)
	if err != nil {
		return op.AsError(err)
	}
	err = r.process.call(ctx, func(ctx context.Context) error {
		_, err := chromedp.CallBrowser(ctx, storage.SetCookies, storage.SetCookiesParams{
			Cookies: []*network.CookieParam{param}, BrowserContextID: r.id,
		})
		return err
	})
	if err != nil {
		return browserFailed(err)
	}
	return nil
}

// cookieFor is host-only: it has an address and no domain.
func cookieFor(base string, c *http.Cookie) (*network.CookieParam, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	return &network.CookieParam{
		Name: c.Name, Value: c.Value, URL: u.Scheme + "://" + u.Host + "/", Path: "/",
		Secure: c.Secure, HTTPOnly: true, SameSite: network.CookieSameSiteStrict,
	}, nil
}
