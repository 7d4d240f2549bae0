"""Object identifiers of the algorithms and structures that are met, read or refused, by their names.

A refusal names what it refuses: `name_of` knows the usual suspects, and shows others in digits.
"""

from __future__ import annotations

from cryptography.x509 import ObjectIdentifier

_PKCS7 = "1.2.840.113549.1.7"
_PKCS9 = "1.2.840.113549.1.9"
_CT = f"{_PKCS9}.16.1"
_AA = f"{_PKCS9}.16.2"

# content types: RFC 5652 §14, RFC 2634 §2.8, RFC 5083 §2
ID_DATA = ObjectIdentifier(f"{_PKCS7}.1")
ID_SIGNED_DATA = ObjectIdentifier(f"{_PKCS7}.2")
ID_CT_RECEIPT = ObjectIdentifier(f"{_CT}.1")
ID_CT_AUTH_ENVELOPED_DATA = ObjectIdentifier(f"{_CT}.23")

# attributes: RFC 5652 §11, RFC 2634, RFC 5035
ID_CONTENT_TYPE = ObjectIdentifier(f"{_PKCS9}.3")
ID_MESSAGE_DIGEST = ObjectIdentifier(f"{_PKCS9}.4")
ID_SIGNING_TIME = ObjectIdentifier(f"{_PKCS9}.5")
ID_AA_RECEIPT_REQUEST = ObjectIdentifier(f"{_AA}.1")
ID_AA_SECURITY_LABEL = ObjectIdentifier(f"{_AA}.2")
ID_AA_MSG_SIG_DIGEST = ObjectIdentifier(f"{_AA}.5")
ID_AA_SIGNING_CERTIFICATE_V2 = ObjectIdentifier(f"{_AA}.47")

# algorithms: RFC 5754, 5753, 5084, 3565
ID_SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
ECDSA_WITH_SHA256 = ObjectIdentifier("1.2.840.10045.4.3.2")
ID_EC_PUBLIC_KEY = ObjectIdentifier("1.2.840.10045.2.1")
SECP256R1 = ObjectIdentifier("1.2.840.10045.3.1.7")
RSA_ENCRYPTION = ObjectIdentifier("1.2.840.113549.1.1.1")
STD_DH_SHA1_KDF = ObjectIdentifier("1.3.133.16.840.63.0.2")
STD_DH_SHA256_KDF = ObjectIdentifier("1.3.132.1.11.1")
ID_AES256_WRAP = ObjectIdentifier("2.16.840.1.101.3.4.1.45")
ID_AES256_GCM = ObjectIdentifier("2.16.840.1.101.3.4.1.46")

# certificates: RFC 5280
ID_AT_COMMON_NAME = ObjectIdentifier("2.5.4.3")
ID_AT_ORGANIZATION_NAME = ObjectIdentifier("2.5.4.10")
ID_CE_SUBJECT_KEY_IDENTIFIER = ObjectIdentifier("2.5.29.14")
ID_CE_KEY_USAGE = ObjectIdentifier("2.5.29.15")
ID_CE_SUBJECT_ALT_NAME = ObjectIdentifier("2.5.29.17")
ID_CE_BASIC_CONSTRAINTS = ObjectIdentifier("2.5.29.19")
ID_CE_CRL_NUMBER = ObjectIdentifier("2.5.29.20")
ID_CE_CERTIFICATE_POLICIES = ObjectIdentifier("2.5.29.32")
ID_CE_AUTHORITY_KEY_IDENTIFIER = ObjectIdentifier("2.5.29.35")
ID_CE_EXT_KEY_USAGE = ObjectIdentifier("2.5.29.37")

_NAMES = {
    f"{_PKCS7}.1": "id-data",
    f"{_PKCS7}.2": "SignedData",
    f"{_PKCS7}.3": "EnvelopedData",
    f"{_PKCS7}.5": "DigestedData",
    f"{_PKCS7}.6": "EncryptedData",
    f"{_CT}.1": "id-ct-receipt",
    f"{_CT}.2": "AuthenticatedData",
    f"{_CT}.9": "CompressedData",
    f"{_CT}.23": "AuthEnvelopedData",
    f"{_PKCS9}.3": "contentType",
    f"{_PKCS9}.4": "messageDigest",
    f"{_PKCS9}.5": "signingTime",
    f"{_PKCS9}.6": "countersignature",
    f"{_PKCS9}.15": "sMIMECapabilities",
    f"{_PKCS9}.52": "CMSAlgorithmProtection",
    f"{_AA}.1": "receiptRequest",
    f"{_AA}.2": "eSSSecurityLabel",
    f"{_AA}.3": "mlExpansionHistory",
    f"{_AA}.4": "contentHints",
    f"{_AA}.5": "msgSigDigest",
    f"{_AA}.7": "contentIdentifier",
    f"{_AA}.10": "contentReference",
    f"{_AA}.11": "sMIMEEncryptionKeyPreference",
    f"{_AA}.12": "signingCertificate",
    f"{_AA}.14": "signatureTimeStampToken",
    f"{_AA}.47": "signingCertificateV2",
    "1.2.840.113549.2.2": "MD2",
    "1.2.840.113549.2.5": "MD5",
    "1.3.14.3.2.26": "SHA-1",
    "2.16.840.1.101.3.4.2.1": "SHA-256",
    "2.16.840.1.101.3.4.2.2": "SHA-384",
    "2.16.840.1.101.3.4.2.3": "SHA-512",
    "2.16.840.1.101.3.4.2.4": "SHA-224",
    "2.16.840.1.101.3.4.2.8": "SHA3-256",
    "2.16.840.1.101.3.4.2.10": "SHA3-512",
    "2.16.840.1.101.3.4.2.12": "SHAKE256",
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.113549.1.1.4": "RSA with MD5",
    "1.2.840.113549.1.1.5": "RSA with SHA-1",
    "1.2.840.113549.1.1.7": "RSA-OAEP",
    "1.2.840.113549.1.1.8": "MGF1",
    "1.2.840.113549.1.1.10": "RSA-PSS",
    "1.2.840.113549.1.1.11": "RSA with SHA-256",
    "1.2.840.113549.1.1.12": "RSA with SHA-384",
    "1.2.840.113549.1.1.13": "RSA with SHA-512",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.10040.4.3": "DSA with SHA-1",
    "2.16.840.1.101.3.4.3.2": "DSA with SHA-256",
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
    "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
    "2.16.840.1.101.3.4.4.2": "ML-KEM-768",
    "2.16.840.1.101.3.4.4.3": "ML-KEM-1024",
    "1.2.840.10045.2.1": "an elliptic-curve key",
    "1.2.840.10045.4.1": "ECDSA with SHA-1",
    "1.2.840.10045.4.3.1": "ECDSA with SHA-224",
    "1.2.840.10045.4.3.2": "ECDSA with SHA-256",
    "1.2.840.10045.4.3.3": "ECDSA with SHA-384",
    "1.2.840.10045.4.3.4": "ECDSA with SHA-512",
    "1.2.840.10045.3.1.1": "P-192",
    "1.2.840.10045.3.1.7": "P-256",
    "1.3.132.0.10": "secp256k1",
    "1.3.132.0.33": "P-224",
    "1.3.132.0.34": "P-384",
    "1.3.132.0.35": "P-521",
    "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1",
    "1.3.101.110": "X25519",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
    "1.2.840.10046.2.1": "Diffie-Hellman",
    f"{_PKCS9}.16.3.5": "ephemeral-static Diffie-Hellman",
    f"{_PKCS9}.16.3.9": "password key wrap (PWRI-KEK)",
    f"{_PKCS9}.16.13.3": "KEMRecipientInfo",
    "1.3.133.16.840.63.0.2": "ECDH with SHA-1 KDF",
    "1.3.133.16.840.63.0.3": "ECDH with cofactor, SHA-1 KDF",
    "1.3.132.1.11.1": "ECDH with SHA-256 KDF",
    "1.3.132.1.11.0": "ECDH with SHA-224 KDF",
    "1.3.132.1.11.2": "ECDH with SHA-384 KDF",
    "1.3.132.1.11.3": "ECDH with SHA-512 KDF",
    "1.3.132.1.14.1": "ECDH with cofactor, SHA-256 KDF",
    "1.2.840.113549.3.2": "RC2-CBC",
    "1.2.840.113549.3.4": "RC4",
    "1.3.14.3.2.7": "DES-CBC",
    "1.2.840.113549.3.7": "3DES-CBC",
    f"{_PKCS9}.16.3.6": "3DES key wrap",
    f"{_PKCS9}.16.3.18": "ChaCha20-Poly1305",
    "2.16.840.1.101.3.4.1.2": "AES-128-CBC",
    "2.16.840.1.101.3.4.1.5": "AES-128 key wrap",
    "2.16.840.1.101.3.4.1.6": "AES-128-GCM",
    "2.16.840.1.101.3.4.1.7": "AES-128-CCM",
    "2.16.840.1.101.3.4.1.22": "AES-192-CBC",
    "2.16.840.1.101.3.4.1.25": "AES-192 key wrap",
    "2.16.840.1.101.3.4.1.26": "AES-192-GCM",
    "2.16.840.1.101.3.4.1.42": "AES-256-CBC",
    "2.16.840.1.101.3.4.1.45": "AES-256 key wrap",
    "2.16.840.1.101.3.4.1.46": "AES-256-GCM",
    "2.16.840.1.101.3.4.1.47": "AES-256-CCM",
    "2.5.29.9": "subjectDirectoryAttributes",
    "2.5.29.14": "subjectKeyIdentifier",
    "2.5.29.15": "keyUsage",
    "2.5.29.17": "subjectAltName",
    "2.5.29.18": "issuerAltName",
    "2.5.29.19": "basicConstraints",
    "2.5.29.20": "cRLNumber",
    "2.5.29.27": "deltaCRLIndicator",
    "2.5.29.28": "issuingDistributionPoint",
    "2.5.29.30": "nameConstraints",
    "2.5.29.31": "cRLDistributionPoints",
    "2.5.29.32": "certificatePolicies",
    "2.5.29.33": "policyMappings",
    "2.5.29.35": "authorityKeyIdentifier",
    "2.5.29.36": "policyConstraints",
    "2.5.29.37": "extKeyUsage",
    "2.5.29.54": "inhibitAnyPolicy",
}


def name_of(oid: ObjectIdentifier) -> str:
    """The usual name of what `oid` stands for, or its digits."""
    return _NAMES.get(oid.dotted_string, oid.dotted_string)
