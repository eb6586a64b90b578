"""GP Summary Bulk Transmission: an English general practice's Consent Migration to the Summary Care Record."""
