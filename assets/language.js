// The language in which the page speaks before the app does: the one chosen in this browser, else the
// first that it asks for. The choice is told to the server, which draws the first screen in it.
const quittanceLanguages = ['fr', 'en', 'es', 'pt', 'ar'];
const quittanceAsked = (() => {
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem('flutter.quittance.language')); } catch { /* none */ }
  if (quittanceLanguages.includes(kept)) {
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `quittance_language=${kept}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  } else kept = null;
  return [kept, ...(navigator.languages || [navigator.language])].filter(Boolean);
})();
const quittanceLanguage = quittanceAsked.map((tag) => tag.slice(0, 2).toLowerCase())
  .find((code) => quittanceLanguages.includes(code)) || 'fr';
document.documentElement.lang = quittanceLanguage;
document.documentElement.dir = quittanceLanguage === 'ar' ? 'rtl' : 'ltr';
const quittanceWord = (words) => words[quittanceLanguages.indexOf(quittanceLanguage)];
