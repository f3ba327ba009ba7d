from django import forms
from django.utils.translation import gettext_lazy as _

from gptstore.accounts.api_key import ApiKey


class ApiKeyForm(forms.ModelForm):
    class Meta:
        model = ApiKey
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("laptop")})}
