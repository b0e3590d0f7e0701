"""The hostile visitor: what is sent, by family, and who looks after every request whether all is well."""
